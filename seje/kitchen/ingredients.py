"""The ingredients as a table: how each is measured, what it looks like, and how it may be cut."""

from typing import NamedTuple

from seje.kitchen.staples import STAPLES


class Ingredient(NamedTuple):
    """One ingredient; `colours` are outside and inside as hex, `tint` is how much it colours a sauce."""

    name: str
    measure: str
    colours: tuple[str, ...]
    form: str
    cuts: tuple[str, ...]
    tint: float


# name | measure | colours outside, inside | form | cuts | tint
_TABLE = """
carrot            | piece  | e0661e f58a3c | stick  | diced sliced julienned grated
parsnip           | piece  | d9c08c f3e6bd | stick  | diced sliced julienned
potato            | piece  | b58a4e f2dd94 | ball   | diced cubed sliced quartered
sweet potato      | piece  | a8502f f0792b | ball   | diced cubed sliced
beet              | piece  | 5c0f33 9c1850 | ball   | diced sliced julienned grated
turnip            | piece  | b06a98 f4eef0 | ball   | diced cubed quartered
radish            | piece  | d8234f fbf0f0 | stick  | sliced quartered julienned
celery            | stalk  | 7fa845 c4dc8c | stick  | diced sliced
leek              | piece  | 6f9c46 dbe8b0 | stick  | sliced chopped
fennel            | bulb   | a9c98c eff4df | ball   | sliced chopped
red onion         | piece  | 8a1f5c e3b9d2 | ring   | diced sliced
yellow onion      | piece  | c9963e f1e2b5 | ring   | diced sliced
green onion       | stalk  | 3f8f35 d7ecb9 | stick  | sliced chopped
shallot           | piece  | a35a6b ecc9cc | ring   | sliced minced
garlic            | clove  | d8cda8 f3ecd2 | seed   | minced sliced
ginger            | knob   | c9a866 ecd99a | seed   | minced grated
red bell pepper   | piece  | b3131b e0302c | slab   | diced julienned chopped
green bell pepper | piece  | 2c6f24 58a83c | slab   | diced julienned chopped
yellow bell pepper| piece  | d9a40c f7cf30 | slab   | diced julienned chopped
jalapeno          | piece  | 2f6b1e a4cf70 | stick  | sliced minced
red chili         | piece  | b10f12 ef5a40 | stick  | sliced minced
tomato            | piece  | c0200f ee5a3a | ball   | diced sliced quartered
cherry tomato     | cup+   | c9180f f2604a | berry  | halved whole
cucumber          | piece  | 2f6a2a d6ecb5 | stick  | sliced diced
zucchini          | piece  | 3c6e25 dfe8a8 | stick  | sliced diced julienned
eggplant          | piece  | 3b1742 d8cfa0 | ball   | cubed sliced
butternut squash  | cup    | d98a30 f7a53a | slab   | cubed diced
pumpkin           | cup    | c96a12 f59224 | slab   | cubed diced
broccoli          | head   | 235f1d 4e9236 | floret | whole chopped
cauliflower       | head   | dcd3b2 f7f2de | floret | whole chopped
red cabbage       | head   | 4a1a5e 8a4aa0 | leaf   | shredded chopped
green cabbage     | head   | 9fc077 d5e6b2 | leaf   | shredded chopped
spinach           | handful| 1f5a22 3d8a38 | leaf   | whole chopped
kale              | bunch  | 24492a 44714a | leaf   | torn shredded
arugula           | handful| 3a7428 6aa548 | leaf   | whole
romaine lettuce   | head   | 4f8f2f b5d97a | leaf   | torn shredded
bok choy          | head   | 3f7d33 e3efcf | leaf   | chopped quartered
asparagus         | bunch  | 3f6e24 86b04a | stick  | chopped whole
green beans       | cup    | 2f7a26 63ab45 | pod    | whole chopped
snow peas         | cup    | 4f9a30 8fcf5c | pod    | whole julienned
green peas        | cup    | 4a9a2b 8dcf5a | berry  | whole
sweet corn        | can    | e8b41c ffdb52 | berry  | whole
button mushroom   | cup+   | b79a78 ede0cb | cap    | sliced quartered
shiitake mushroom | cup+   | 5f3a20 cfb08a | cap    | sliced
avocado           | piece  | 4a6424 cfdb78 | ball   | diced sliced
black olives      | can    | 1d1620 4a3a48 | ringlet| sliced whole
green olives      | cup    | 6f7a24 a5ad4c | ringlet| sliced whole
artichoke hearts  | can    | 8a9656 d5d6a0 | ball   | quartered chopped
sun-dried tomato  | cup+   | 7a1a10 a8341c | slab   | chopped julienned
chickpeas         | can    | cda35a ecca86 | berry  | whole
black beans       | can    | 1d1418 3d2f36 | bean   | whole
kidney beans      | can    | 5e1518 93302e | bean   | whole
white beans       | can    | d9cdae f6efdc | bean   | whole
edamame           | cup    | 6aa336 aad868 | bean   | whole
tofu              | block  | e2d3a6 fbf5e0 | slab   | cubed sliced
chicken breast    | pound  | d3a878 f3dcb8 | slab   | cubed sliced shredded
chicken thigh     | pound+ | b98052 dfb488 | slab   | cubed sliced
ground beef       | pound  | 5a3322 7d4c34 | crumb  | whole
beef chuck        | pound  | 4c2417 74402c | slab   | cubed
flank steak       | pound  | 5a2a1c a85448 | slab   | sliced
pork shoulder     | pound  | a86a48 d59a74 | slab   | cubed shredded
bacon             | strip  | 8f2f22 e2a080 | slab   | diced chopped
ham               | ounce  | c9606a f2a5a0 | slab   | diced julienned
chorizo           | ounce  | 8f1f12 c9402a | stick  | sliced diced
italian sausage   | pound  | 7d4030 b06a4c | stick  | sliced crumbled
pepperoni         | ounce  | 8d1712 d0432f | ball   | sliced
smoked salmon     | ounce  | e0643c f79a72 | slab   | sliced
salmon fillet     | pound  | dd6a48 f59c7a | slab   | cubed
cod fillet        | pound  | d8d0c0 fbf8f0 | slab   | cubed
shrimp            | pound  | e27a58 fbb89a | crescent| whole
mussels           | pound  | 1c2030 d98a3c | bean   | whole
squid             | pound  | d9c0c8 f7ecee | ringlet| sliced
egg               | piece  | fbf6e6 f5b51e | egg    | sliced quartered
feta cheese       | ounce  | e6e2d3 fdfcf5 | slab   | cubed crumbled
cheddar cheese    | cup    | e58a14 ffb032 | slab   | grated cubed
mozzarella cheese | cup    | ece3c6 fdf9ea | ball   | sliced shredded
parmesan cheese   | cup    | d9c07c f1e0a8 | slab   | grated
blue cheese       | ounce  | 8fa0a8 eeeee0 | slab   | crumbled
goat cheese       | ounce  | ece8dc ffffff | slab   | crumbled
gruyere cheese    | cup    | d9b050 f3d88a | slab   | grated
ricotta           | cup    | f0ece0 ffffff | flow   | dolloped
basil             | sprig  | 1f6a20 4a9c3c | leaf   | whole torn
parsley           | sprig  | 2c7424 57a544 | sprig  | chopped
cilantro          | sprig  | 368030 6cb350 | sprig  | chopped
mint              | sprig  | 2a8448 5cb878 | leaf   | whole torn
dill              | sprig  | 3f7a34 6fa858 | sprig  | chopped
chives            | sprig  | 2f6e22 5a9c40 | stick  | minced
rosemary          | sprig  | 2f4a2c 5a7850 | needle | whole
thyme             | sprig  | 4a5f38 7d9060 | needle | whole
strawberry        | cup+   | c4122a f0525a | berry  | sliced halved
raspberry         | cup+   | b3143f e04a72 | berry  | whole
blueberry         | cup+   | 26305f 5060a0 | berry  | whole
blackberry        | cup+   | 1f1226 4a2c55 | berry  | whole
cherry            | cup+   | 6b0a1e a51c38 | berry  | halved whole
red grapes        | cup    | 6a1838 a8486a | berry  | halved
green grapes      | cup    | 93b03c cfe088 | berry  | halved
banana            | piece  | e3c860 fbf0c0 | stick  | sliced
apple             | piece  | bf2a24 f7edc4 | ball   | sliced diced
pear              | piece  | a8b040 f5f0d0 | ball   | sliced diced
peach             | piece  | d9683a fbb850 | ball   | sliced quartered
apricot           | piece  | e08a28 fbb04c | berry  | halved
plum              | piece  | 4a1436 c95a4a | ball   | quartered sliced
mango             | piece  | eb9a14 ffc53a | ball   | diced sliced
pineapple         | cup    | d9a820 fbe068 | slab   | diced
kiwi              | piece  | 6f5a2c 8cc43c | ball   | sliced
orange            | piece  | e87a10 fba938 | ball   | sliced quartered
lemon             | piece  | e8c818 fbee88 | ball   | sliced quartered
lime              | piece  | 4f8f22 c5e07c | ball   | sliced quartered
pomegranate seeds | cup    | 9c0a28 d83a55 | seed   | whole
raisins           | cup    | 3a1c14 5e3424 | seed   | whole
dried cranberry   | cup+   | 6f0c1c a3283c | seed   | whole
fig               | piece  | 4a2440 c25a6a | berry  | halved quartered
almonds           | cup    | a5683a e3c49a | seed   | sliced whole
walnuts           | cup    | 7d5230 b98c58 | crumb  | chopped
pecans            | cup    | 6a3a1a 9a6034 | bean   | whole chopped
cashews           | cup    | d9b884 f2dcb4 | crescent| whole
pistachios        | cup    | 6f8a3c b5c46c | crumb  | chopped
peanuts           | cup    | b98448 e0b878 | crumb  | chopped
pine nuts         | spoon  | dcc38c f3e4ba | seed   | whole
sesame seeds      | spoon  | e3d3a8 f7eed0 | seed   | whole
black sesame seeds| spoon  | 141214 2c2a2c | seed   | whole
pumpkin seeds     | spoon  | 5f7038 8f9f5c | seed   | whole
coconut flakes    | cup    | ece8e0 ffffff | thread | whole
chocolate chips   | cup    | 2c160e 4f2c1c | seed   | whole
granola           | cup    | a8743a d3a860 | crumb  | whole
croutons          | cup    | b9803a e0b468 | slab   | cubed
cornflakes        | cup    | d9902a f0b850 | crumb  | whole
greek yogurt      | cup    | f2efe6 ffffff | flow   | dolloped | 0.2
sour cream        | cup    | f4f2ea ffffff | flow   | dolloped | 0.2
whipped cream     | cup    | f7f3ea ffffff | flow   | dolloped | 0.1
maple syrup       | spoon  | 8a4210 b8661c | flow   | drizzled | 0.2
honey             | spoon  | d08a10 f0b838 | flow   | drizzled | 0.15
chocolate sauce   | spoon  | 2a120a 4a2414 | flow   | drizzled | 0.3
pesto             | spoon  | 3f6a1c 6f9c34 | flow   | drizzled | 0.3
tahini            | spoon  | c9ac78 e8d4a8 | flow   | drizzled | 0.2
hot sauce         | spoon  | c2200c e8481c | flow   | drizzled | 0.2
"""


def _parse(table: str) -> dict[str, Ingredient]:
    found = {}
    for row in table.strip().splitlines():
        name, measure, colours, form, cuts, *tint = (cell.strip() for cell in row.split("|"))
        weight = float(tint[0]) if tint else 0.0
        found[name] = Ingredient(name, measure, tuple(colours.split()), form, tuple(cuts.split()), weight)
    return found


INGREDIENTS = _parse(_TABLE + STAPLES.lstrip())
