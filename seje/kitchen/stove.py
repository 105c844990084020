"""Sentences for the steps on the stove, over the grill, in a bowl and at the table."""

# Slots: ground, mains, lead (the first main), rest (the others), fat, liquid, flavour, garnish are
# ingredients; pot, pan, bowl, tool, vessel are utensils; in_vessel, into_vessel: "on a plate", "into a bowl".
# A sentence with an empty slot is passed over.
STOVE = {
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
        "Serve {in_vessel}.",
        "Transfer to a {vessel} and serve.",
        "Bring to the table {in_vessel}.",
        "Serve at once, {in_vessel}.",
    ),
    "ladle": ("Ladle {into_vessel}.", "Pour {into_vessel} with a ladle."),
    "divide": (
        "Place the {ground} {in_vessel} and ladle the soup over.",
        "Put the {ground} {into_vessel} and pour the soup over.",
    ),
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
        "Rinse the {grain} in a sieve, then cook in a {pot} for {long} minutes.",
        "Cook the {grain} in a {pot} of water until tender, about {long} minutes.",
    ),
    "cool": ("Spread on a baking sheet to cool.", "Cool completely; cold grains do not stick."),
    "fluff": ("Fluff with a fork.", "Remove from the heat and fluff the {ground} with a fork."),
    "wokheat": ("Heat the {fat} in a wok until it smokes.", "Get a wok very hot and swirl in the {fat}."),
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
        "Arrange the {mains} neatly on top.",
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
    "pourbowl": ("Pour {into_vessel}.", "Scrape {into_vessel} with a spatula and smooth the top."),
    "bed": ("Place the {ground} {in_vessel}.", "Put the {ground} into a large {bowl}."),
    "whisk": (
        "Whisk together the {flavour} in a small {bowl}.",
        "Shake the {flavour} in a jar.",
        "For the dressing, beat {flavour} with a whisk until creamy.",
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
    "simmersauce": ("Stir the {mains} into {flavour} and simmer in a {pot} {minutes} minutes.",),
    "rest": (
        "Let rest {minutes} minutes.",
        "Remove from the heat and let stand, covered, {minutes} minutes.",
    ),
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
    "stack": ("Stack {in_vessel}.", "Pile {into_vessel}."),
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
    "warmtortilla": ("Warm the {ground} in a dry {pan}.", "Char the {ground} over a flame with tongs."),
}
