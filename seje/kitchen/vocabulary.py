"""What the sentences and the cuts tell the cook to do, and what with."""

ACTIONS = (
    "add", "arrange", "bake", "beat", "blend", "boil", "braise", "brush", "char", "chill", "chop", "coat",
    "combine", "cook", "cool", "cover", "cream", "crumble", "cube", "cut", "decorate", "dice", "drain",
    "drizzle", "fill", "flip", "fluff", "fold", "freeze", "fry", "garnish", "grate", "grease", "grill",
    "halve", "heat", "julienne", "knead", "ladle", "layer", "marinate", "melt", "mince", "mix", "pour",
    "preheat", "puree", "quarter", "reduce", "refrigerate", "rest", "rinse", "roast", "roll", "saute",
    "scatter", "sear", "season", "serve", "shake", "shred", "sift", "simmer", "skewer", "slice", "soak",
    "spoon", "spread", "sprinkle", "steam", "stir", "strain", "stretch", "taste", "tear", "thread", "toast",
    "top", "toss", "transfer", "warm", "whisk",
)  # fmt: skip
TOOLS = (
    "baking sheet", "blender", "bowl", "bread knife", "cake pan", "colander", "cutting board", "Dutch oven",
    "food processor", "fork", "frying pan", "griddle", "hand mixer", "immersion blender", "jar", "knife",
    "ladle", "lid", "mandoline", "oven", "pastry brush", "pizza cutter", "plate", "pot", "rolling pin",
    "saucepan", "saute pan", "sieve", "skillet", "spatula", "spoon", "stockpot", "tart pan", "tongs", "whisk",
    "wire rack", "wok", "wooden spoon",
)  # fmt: skip
