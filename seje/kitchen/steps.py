"""Instructions as a table: the order of steps for each kind of dish, and sentences for each step."""

from seje.kitchen.oven import OVEN
from seje.kitchen.stove import STOVE

# Steps of each plan in order; a question mark: left out now and then.
PLANS = {
    "soup": "prep first warm soften pour simmer taste? serve garnish",
    "smooth": "warm pour simmer puree enrich? taste? prep first ladle top garnish",
    "noodlesoup": "boil drain? prep first broth add simmer divide garnish",
    "stew": "prep first warm brown pour braise taste? rest? serve garnish",
    "curry": "steam? prep warm bloom add pour simmer taste? serve garnish",
    "wok": "steam cool? prep wokheat cook toss season serve garnish",
    "bowl": "steam fluff? prep cook first dress? arrange drizzle? serve garnish",
    "smoothie": "freeze? blend thick? prep pourbowl arrange garnish",
    "salad": "prep first bed whisk combine chill? serve garnish",
    "fruit": "prep combine syrup chill? serve garnish",
    "pastasalad": "boil drain? prep first whisk combine chill? serve garnish",
    "tart": "preheat crust blindbake custardcook fill prep arrange chill? serve garnish",
    "savourytart": "preheat crust prep first custard scatter bake cooldown? serve garnish",
    "pie": "preheat prep combine fill lattice brush? bake cooldown? serve garnish",
    "lidpie": "preheat prep first simmersauce fill lid brush? bake rest? serve garnish",
    "pizza": "preheat knead? stretch spread prep scatter bake slice? serve garnish",
    "noodles": "boil drain? prep first cook toss season serve garnish",
    "pasta": "boil prep warm cook sauce toss taste? serve garnish",
    "porridge": "warmmilk stirground thicken prep ladle top garnish",
    "custard": "preheat grease? tear prep scatter custard soak? bake serve garnish",
    "cake": "preheat grease? beat sift pan bake cooldown prep top serve garnish",
    "pancakes": "whiskbatter restbatter? fry flip prep stack top garnish",
    "omelette": "prep beateggs warm cook poureggs foldover serve garnish",
    "skewers": "marinade prep soakskewers? thread preheatgrill cook serve garnish",
    "roast": "preheat prep coat tray cook turn? serve garnish",
    "tacos": "marinade? prep first preheatgrill cook warmtortilla fill serve garnish",
    "gratin": "preheat grease? layer prep first scatter custard bake rest? garnish",
    "toast": "preheat butter prep first scatter bake serve garnish",
}

STEPS = STOVE | OVEN

# How the mains are cooked, by cooking.
COOK = {
    "boiled": (
        "Boil the {mains} in a {pot} for {minutes} minutes and drain.",
        "Steam the {mains} until tender.",
    ),
    "fried": (
        "Fry the {mains} in a {pan} until browned, about {minutes} minutes.",
        "Stir-fry the {mains} over high heat {minutes} minutes.",
    ),
    "roasted": (
        "Roast the {mains} at {temp} for {long} minutes, until dark at the edges.",
        "Roast the {mains} on a baking sheet {long} minutes until charred.",
    ),
    "grilled": (
        "Grill the {mains} {minutes} minutes on each side until marked.",
        "Grill the {mains} over high heat, turning with tongs.",
    ),
    "baked": ("Bake the {mains} at {temp}.",),
    "raw": ("Keep the {mains} raw.", "Leave the {mains} uncooked for crunch."),
}

UTENSILS = {
    "pot": ("pot", "saucepan", "Dutch oven", "stockpot"),
    "pan": ("skillet", "frying pan", "wok", "saute pan"),
    "bowl": ("bowl", "glass bowl", "mixing bowl"),
    "tool": ("wooden spoon", "spatula", "spoon", "ladle"),
}
