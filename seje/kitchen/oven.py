"""Sentences for the steps of dough, batter and the oven; slots as in the sentences for the stove."""

OVEN = {
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
    "knead": (
        "Knead the dough on a floured board for {minutes} minutes.",
        "Punch down the dough and let it rise.",
    ),
    "stretch": ("Stretch the {ground} to a circle.", "Roll the {ground} thin with a rolling pin."),
    "spread": ("Spread with {flavour}.", "Brush with {flavour}, leaving a border."),
    "slice": ("Slice with a pizza cutter.", "Cut into wedges."),
    "grease": ("Grease a baking pan.", "Butter the pan and set aside."),
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
    "layer": ("Slice the {ground} thinly with a mandoline and layer {in_vessel}.",),
    "butter": ("Toast the {ground} lightly and spread with {flavour}.", "Spread {flavour} on the {ground}."),
    "tray": ("Spread on a baking sheet in one layer.", "Arrange in a single layer on a sheet pan."),
    "turn": ("Turn with tongs halfway through.", "Shake the pan halfway."),
}
