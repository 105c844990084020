"""Words that measure or prepare, and so name no ingredient: closed lists of kitchen English.

All words are stems (seje.vocabulary.plurals), so that one entry stands for singular and plural.
"""

from seje.vocabulary.plurals import stem


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


def _names(text: str) -> list[str]:
    """Names of several words, each on a line or between bars."""
    return [name.strip() for line in text.strip().splitlines() for name in line.split("|")]


UNITS = _stems("""
    cup c tablespoon tablespoonful tbsp tbs tbl tbls tb teaspoon teaspoonful tsp ts ounce oz pound lb gram
    gm gr g kilogram kilo kg milligram mg milliliter millilitre ml centiliter cl deciliter dl dessertspoon
    dsp liter litre l ltr pint pt quart qt gallon gal fluid fl inch centimeter centimetre cm millimeter mm
    stick can tin jar package packet pack pkg pkt bag box bottle carton container tub tube bunch head
    clove sprig stalk slice piece pinch dash drop handful dollop knob splash drizzle squeeze scoop strip
    block bar envelope env sachet pouch pat glug serving part portion batch recipe dozen doz size degree
    percent calorie cal kcal wedge cube chunk thumb jigger shot punnet bulb ear cupful spoonful spoon heap
    mugful mug glass bowlful ladleful twist grind grinding turn x lump length diameter width weight f lbs
    fahrenheit celsius
""")
QUANTITIES = _stems("""
    one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty half quarter
    third fourth eighth couple few several some many much more less most little amount lot bit rest
    remainder remaining additional total double triple single pair another each about approximately approx
    around roughly nearly up heaping level scant generous rounded full plenty quantity number per
""")
TIMES = _stems("""
    second sec minute min hour hr h day week month year overnight night morning evening time while moment
    once twice advance
""")
SIZES = _stems("""
    large small medium medium-sized medium-size big tiny mini jumbo thick thin wide narrow large-sized
    bite-size bite-sized sized extra-large lg sm med xl king-size thickness
""")
PREPARATIONS = _stems("""
    chopped diced minced sliced grated shredded peeled unpeeled cored seeded deseeded de-seeded stemmed
    destemmed trimmed halved quartered cubed julienned beaten melted softened divided drained undrained
    rinsed washed scrubbed cleaned packed sifted cooked cooled chilled warmed warm cold cool lukewarm
    tepid boiling thawed defrosted squeezed juiced zested mashed torn ripped cut split separated crumbled
    cracked whipped whisked mixed blended pressed pounded deveined patted picked finely coarsely roughly
    thinly thickly freshly lightly firmly loosely tightly well very fresh fine coarse rough ripe overripe
    ready homemade store-bought store bought favorite favourite preferred preferably quality good best
    better high-quality good-quality organic local optional optionally taste need needed required desired
    wanted necessary garnish garnishing decoration decorate topping serve serving frying greasing brushing
    rolling dusting sprinkling drizzling coating plus temperature room choice use using used such like
    similar style brand variety type kind removed reserved discarded lengthwise lengthways crosswise
    diagonally diagonal angle attached included possible available substitute substitution substituted
    alternative alternatively replacement option note see nice below above recommended suggestion suggest
    adjust according preference liking depending size-wise leftover left over prepared pre-cooked
    precooked soaked strained slivered shaved snipped spooned leveled unwrapped bone-in skin-on
    french-trimmed regular standard normal assorted various any all other equal equivalent end thirds edge
    bite matchstick slice-able round ring disc disk half-moon moon dice mince chop section layer
    ingredient step direction instruction method purpose aside tip link amazon http https www com
""")
SPICES = _stems("clove")  # a unit beside another name, an ingredient alone: `6 whole cloves`
SPICE_FORMS = frozenset({"ground", "whole", "powdered"})
# Names in which a measure or preparation is neither, or in which `and` does not join two ingredients.
NAMES = _names("""
    double cream | single cream | half and half | lump crab | lump crabmeat | gram flour | glass noodles
    cup noodles | cube steak | wood ear | cloud ear | head cheese | bottle gourd | triple sec | five spice
    seven spice | split peas | whipped cream | whipped topping | cool whip | cracked wheat | mixed spice
    mixed herbs | mixed greens | mixed vegetables | mixed nuts | mixed berries | mixed peel | round steak
    m and m's | mac and cheese | macaroni and cheese | cookies and cream | pork and beans | fish and chips
""")
# Such words in front of a name, and part of it.
KINDS = _names("""
    full fat | little gem | thousand island | sweet and sour | hot and sour | bread and butter
    salt and vinegar | sage and onion
""")
# What is made of something: `chicken or vegetable stock` has no chicken.
HEADS = _stems("stock broth bouillon oil juice vinegar wine flour sauce powder paste extract syrup seed")
ALONE = HEADS | _stems("""
    butter margarine lard ghee shortening dripping mayonnaise yogurt yoghurt water milk cream buttermilk
    beer honey sugar salt
""")  # no first part of such a name
FUNCTION = _stems("""
    a an the of and or with without for to in into on onto at from by as per not no but than then so also
    only just i you we your my our it its this that these those if which what each both either about is
    are was be been can will etc eg ie e.g i.e
""")
MEASURES = UNITS | QUANTITIES | TIMES | SIZES
NO_INGREDIENT = MEASURES | PREPARATIONS | FUNCTION
# Verbs and nouns of instructions that say nothing of the dish.
GENERIC = _stems("""
    be have do let make get go come keep want need like use try give take know see become begin start
    continue allow help ensure repeat follow say think look feel seem read tell enjoy please remember
    avoid prefer depend happen mean check finish leave include require call work recipe ingredient
    instruction direction step note tip heat temperature side edge top bottom end center centre middle
    surface way thing bit lot amount rest remainder half point place order case time consistency texture
    color colour flavor flavour taste mixture size thickness piece pieces level room contents others
    something everything anything nothing one all both they them he she there here hand process speed
    setting photo picture meantime excess inside outside corner prep storage pressure line position stage
    form ease idea favourite favorite accord wish yield plating dent clump browned packaging firm
""")
CUTTING = _stems("slice cube quarter halve drizzle squeeze scoop grind")  # verbs that are measures as nouns
# Cooking verbs that stand as nouns too: `bring to a boil`, `give it a stir`.
COOKING = _stems("""
    boil simmer coat season brown cook chill fry saute saut\u00e9 stir-fry mash mix sprinkle bake drain
    rinse knead marinate puree soak thaw peel preheat stir toss chop dice mince serve reheat refrigerate
    fold whip poach braise sear
""")
