"""Instructions as a table: the order of steps for each kind of dish, and sentences for each step."""

# Steps of each plan in order; a question mark: left out now and then.
PLANS = {
    "soup": "prep first warm soften pour simmer taste? serve garnish",
    "smooth": "warm pour simmer puree enrich? taste? prep first ladle top garnish",
    "noodlesoup": "boil drain? prep first broth add simmer divide garnish",
    "stew": "prep first warm brown pour braise taste? rest? serve garnish",
    "curry": "steam? prep warm bloom add pour simmer taste? serve garnish",
    "wok": "steam cool? prep wokheat cook toss season serve garnish",
    "bowl": "steam fluff? prep cook first dress? arrange drizzle? garnish",
    "smoothie": "freeze? blend thick? prep pourbowl arrange garnish",
    "salad": "prep first bed whisk combine chill? serve garnish",
    "fruit": "prep combine syrup chill? serve garnish",
    "pastasalad": "boil drain? prep first whisk combine chill? serve garnish",
    "tart": "preheat crust blindbake custardcook fill prep arrange chill? garnish",
    "savourytart": "preheat crust prep first custard scatter bake cooldown? garnish",
    "pie": "preheat prep combine fill lattice brush? bake cooldown? garnish",
    "lidpie": "preheat prep first simmersauce fill lid brush? bake rest? garnish",
    "pizza": "preheat knead? stretch spread prep scatter bake slice? garnish",
    "noodles": "boil drain? prep first cook toss season serve garnish",
    "pasta": "boil prep warm cook sauce toss taste? serve garnish",
    "porridge": "warmmilk stirground thicken prep ladle top garnish",
    "custard": "preheat grease? tear prep scatter custard soak? bake garnish",
    "cake": "preheat grease? beat sift pan bake cooldown prep top garnish",
    "pancakes": "whiskbatter restbatter? fry flip prep stack top garnish",
    "omelette": "prep beateggs warm cook poureggs foldover serve garnish",
    "skewers": "marinade prep soakskewers? thread preheatgrill cook serve garnish",
    "roast": "preheat prep coat tray cook turn? serve garnish",
    "tacos": "marinade? prep first preheatgrill cook warmtortilla fill serve garnish",
    "gratin": "preheat grease? layer prep first scatter custard bake rest? garnish",
    "toast": "preheat butter prep first scatter bake serve garnish",
}

# Slots: ground, mains, lead (the first main), rest (the others), fat, liquid, flavour, garnish are
# ingredients; pot, pan, bowl, tool, vessel are utensils. A sentence with an empty slot is passed over.
STEPS = {
    "first": ("{precook}",),
    "warm": (
        "Heat the {fat} in a {pot} over medium heat.",
        "Melt or warm the {fat} in a large {pot} until it shimmers.",
        "Place a {pot} over medium-high heat and add the {fat}.",
    ),
    "soften": (
        "Add the {lead} and saute, stirring with a {tool}, for about {minutes} minutes until soft.",
        "Stir in the {lead} and cook for {minutes} minutes until tender.",
        "Saute the {lead} until fragrant, {minutes} minutes.",
    ),
    "brown": (
        "Brown the {lead} on all sides, about {minutes} minutes.",
        "Sear the {lead} in batches and set aside on a plate; return to the {pot} with the rest.",
    ),
    "pour": (
        "Pour in the {liquid}, add the {rest} and bring to a boil.",
        "Add the {rest}, cover with the {liquid} and bring everything to a boil.",
        "Pour the {liquid} into the {pot} and scrape the bottom with a {tool}.",
        "Stir the {flavour} into the {liquid} and bring to a boil.",
    ),
    "simmer": (
        "Reduce the heat and simmer for {long} minutes.",
        "Cover with a lid and let it simmer gently for {long} minutes, until everything is boiled through.",
        "Lower the heat, cover the {pot} and simmer about {long} minutes.",
    ),
    "braise": (
        "Cover and braise over low heat for {long} minutes, until it falls apart.",
        "Simmer, partly covered, {long} minutes, skimming now and then with a ladle.",
    ),
    "broth": (
        "Bring the {liquid} to a boil with the {flavour}.",
        "Warm the {liquid} in a {pot} and stir in the {flavour}.",
    ),
    "bloom": (
        "Stir in the {flavour} and toast for one minute.",
        "Add the {flavour} and fry, stirring, until fragrant.",
    ),
    "add": (
        "Add the {mains} and stir to coat.",
        "Stir in the {mains} with a {tool} and cook {minutes} minutes.",
        "Drop the {mains} into the {pot}.",
    ),
    "puree": (
        "Puree with an immersion blender until smooth.",
        "Transfer to a blender, puree, and strain through a sieve back into the {pot}.",
    ),
    "enrich": ("Stir in the {cream} and warm through.", "Whisk in the {cream} off the heat."),
    "taste": (
        "Taste and season with {flavour}.",
        "Season to taste with {flavour}.",
        "Season with {flavour} and stir once more.",
    ),
    "serve": (
        "Serve in a {vessel}.",
        "Transfer to a {vessel} and serve.",
        "Spoon into a {vessel}.",
        "Serve at once from the {vessel}.",
    ),
    "ladle": ("Ladle into a {vessel}.", "Pour into a {vessel} with a ladle."),
    "divide": ("Place the {ground} in a {vessel} and ladle the soup over.", "Divide between each {vessel}."),
    "garnish": (
        "Garnish with {garnish}.",
        "Sprinkle with {garnish}.",
        "Top with the {garnish} and enjoy.",
        "Finish with {garnish} just before serving.",
    ),
    "top": ("Scatter the {mains} on top.", "Top with the {mains}.", "Decorate with {mains}."),
    "boil": (
        "Cook the {ground} in a large {pot} of salted water according to the package.",
        "Bring a {pot} of water to a boil and cook the {ground} until al dente, {minutes} minutes.",
    ),
    "drain": ("Drain in a colander and rinse.", "Drain in a colander, reserving a cup of the water."),
    "steam": (
        "Rinse the {ground} in a sieve, then cook in a {pot} for {long} minutes.",
        "Cook the {grain} in a {pot} of water until tender, about {long} minutes.",
    ),
    "cool": ("Spread on a baking sheet to cool.", "Cool completely; cold grains do not stick."),
    "fluff": ("Fluff with a fork.", "Remove from the heat and fluff the {ground} with a fork."),
    "wokheat": ("Heat the {fat} in a wok until it smokes.", "Get a wok very hot and swirl in the {fat}."),
    "cook": ("{cook}",),
    "toss": (
        "Add the {ground} and toss well with tongs.",
        "Toss the {ground} with everything in the {pan} for {minutes} minutes.",
    ),
    "season": ("Season with {flavour} and toss again.", "Drizzle in the {flavour} and mix with a {tool}."),
    "dress": (
        "Whisk the {flavour} with the {fat} in a small {bowl}.",
        "Stir together the {fat} and {flavour}.",
    ),
    "arrange": (
        "Arrange the {mains} on top in sections.",
        "Lay the {mains} side by side over the {ground}.",
        "Arrange the {mains} neatly in the {vessel}.",
    ),
    "drizzle": ("Drizzle with more {fat}.",),
    "freeze": ("Freeze the {ground} for at least two hours.",),
    "blend": (
        "Blend the {ground} with the {liquid} in a blender until thick.",
        "Puree the {ground} and {liquid} in a food processor.",
    ),
    "thick": (
        "Stop and scrape down the sides with a spatula.",
        "It should be thick enough for a spoon to stand.",
    ),
    "pourbowl": ("Pour into a {vessel}.", "Scrape into a {vessel} with a spatula and smooth the top."),
    "bed": ("Place the {ground} in a {vessel}.", "Put the {ground} into a large {bowl}."),
    "whisk": (
        "Whisk together the {flavour} in a small {bowl}.",
        "Shake the {flavour} in a jar.",
        "For the dressing, whisk {flavour} with a whisk until creamy.",
    ),
    "combine": (
        "Combine the {mains} in a large mixing {bowl} and toss gently.",
        "Toss the {mains} with everything else.",
        "Add the {mains} and mix gently with a {tool}.",
    ),
    "chill": ("Cover and chill for {long} minutes.", "Refrigerate for at least {long} minutes."),
    "syrup": (
        "Stir the {flavour} together and pour over the fruit.",
        "Sprinkle with {flavour} and fold with a {tool}.",
    ),
    "preheat": (
        "Preheat the oven to {temp}.",
        "Heat oven to {temp}.",
        "Set the oven to {temp} and line a tray.",
    ),
    "crust": (
        "Roll out the {ground} with a rolling pin and press into a tart pan.",
        "Line a tart pan with the {ground} and prick with a fork.",
    ),
    "blindbake": (
        "Bake the shell for {minutes} minutes until golden.",
        "Blind bake {long} minutes, then cool on a rack.",
    ),
    "custardcook": (
        "Whisk the {flavour} in a saucepan over low heat until thick.",
        "Cook {flavour} to a custard, stirring with a whisk.",
    ),
    "fill": (
        "Spread the filling evenly with a spatula.",
        "Spoon the {mains} inside.",
        "Fill with the {mains}.",
    ),
    "custard": ("Whisk the {flavour} and pour over.", "Beat {flavour} in a {bowl} and pour over the top."),
    "scatter": (
        "Scatter the {mains} over the {ground}.",
        "Distribute the {mains} evenly.",
        "Layer with the {mains}.",
    ),
    "bake": (
        "Bake for {long} minutes until golden.",
        "Bake in the oven {long} minutes, until browned at the edges.",
        "Slide into the oven and bake about {long} minutes.",
    ),
    "cooldown": ("Cool on a wire rack.", "Let cool {minutes} minutes before cutting.", "Cool in the pan."),
    "lattice": (
        "Cut the remaining dough into strips and weave a lattice.",
        "Cover with strips of dough and crimp.",
    ),
    "lid": (
        "Cover with the {ground} and cut a few vents with a knife.",
        "Lay the {ground} over and trim the edge.",
    ),
    "brush": ("Brush with beaten egg using a pastry brush.", "Brush the top with a little milk."),
    "simmersauce": ("Stir the {mains} into {flavour} and simmer in a {pot} {minutes} minutes.",),
    "rest": (
        "Let rest {minutes} minutes.",
        "Remove from the heat and let stand, covered, {minutes} minutes.",
    ),
    "knead": (
        "Knead the dough on a floured board for {minutes} minutes.",
        "Punch down the dough and let it rise.",
    ),
    "stretch": ("Stretch the {ground} to a circle.", "Roll the {ground} thin with a rolling pin."),
    "spread": ("Spread with {flavour}.", "Brush with {flavour}, leaving a border."),
    "slice": ("Slice with a pizza cutter.", "Cut into wedges."),
    "sauce": (
        "Pour in the {liquid} and simmer until thick.",
        "Stir in {liquid}, then let bubble {minutes} minutes.",
    ),
    "warmmilk": (
        "Warm the {liquid} in a {pot} with the {flavour}.",
        "Bring the {liquid} to a gentle simmer.",
    ),
    "stirground": ("Add the {ground} and stir.", "Sprinkle in the {ground}, stirring with a {tool}."),
    "thicken": (
        "Simmer, stirring often, {long} minutes until creamy.",
        "Cook over low heat {long} minutes until thick.",
    ),
    "grease": ("Grease a baking pan.", "Butter the {vessel} and set aside."),
    "tear": ("Tear the {ground} into chunks.", "Cut the {ground} into cubes with a bread knife."),
    "soak": ("Soak {long} minutes.", "Press down and let it soak for {minutes} minutes."),
    "beat": ("Beat {flavour} with a hand mixer until fluffy.", "Cream {flavour} in a large {bowl}."),
    "sift": ("Fold in the {ground} with a spatula.", "Sift in the {ground} and mix until just combined."),
    "pan": ("Pour into a cake pan.", "Scrape the batter into a greased cake pan."),
    "whiskbatter": (
        "Whisk the {ground} with {flavour} in a {bowl}.",
        "Mix {flavour} and {ground} to a smooth batter.",
    ),
    "restbatter": ("Let the batter rest {minutes} minutes.",),
    "fry": ("Ladle onto a hot griddle and fry until bubbles form.", "Fry small ladles of batter in a {pan}."),
    "flip": ("Flip with a spatula and cook until golden.", "Flip and fry the other side."),
    "stack": ("Stack on a {vessel}.", "Pile onto a {vessel}."),
    "beateggs": ("Beat the {ground} with {flavour} in a {bowl}.", "Whisk the {ground} with a fork."),
    "poureggs": ("Pour in the {ground} and tilt the {pan}.", "Add the {ground} and cook until almost set."),
    "foldover": ("Fold in half with a spatula.", "Fold over and cook one minute more."),
    "marinade": (
        "Mix the {fat} with {flavour} for a marinade.",
        "Stir {flavour} together in a {bowl} and marinate.",
    ),
    "soakskewers": ("Soak wooden skewers in water.",),
    "thread": ("Thread the {mains} onto skewers.", "Skewer the {mains}, alternating pieces."),
    "preheatgrill": (
        "Preheat the grill to high.",
        "Heat a grill pan until very hot.",
        "Light the grill and oil the grate.",
    ),
    "coat": (
        "Toss the {mains} with the {ground} and {flavour}.",
        "Coat the {mains} in {ground} in a large {bowl}.",
    ),
    "tray": ("Spread on a baking sheet in one layer.", "Arrange in a single layer on a sheet pan."),
    "turn": ("Turn with tongs halfway through.", "Shake the pan halfway."),
    "warmtortilla": ("Warm the {ground} in a dry {pan}.", "Char the {ground} over a flame with tongs."),
    "layer": ("Slice the {ground} thinly with a mandoline and layer in the {vessel}.",),
    "butter": ("Toast the {ground} lightly and spread with {flavour}.", "Spread {flavour} on the {ground}."),
}

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

# What the sentences above and the cuts tell the cook to do, and what with.
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
