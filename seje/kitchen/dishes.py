"""The dishes as a table: what belongs into each, how it is cooked, laid out and served."""

from functools import cache
from typing import NamedTuple

from seje.kitchen.pools import POOLS


class Dish(NamedTuple):
    """One dish; the last four fields name pools (or ingredients) with how many to draw from each."""

    name: str
    weight: float  # how frequent it is
    plan: str  # order of its instructions
    base: str  # what the photo shows below the pieces
    layout: str  # how the pieces lie
    cooking: str  # ways to cook the mains
    vessels: str
    ground: str  # what the base is made of
    mains: str  # what tells one recipe of the dish from another
    garnish: str  # goes on top, raw
    seasoning: str  # in the text, and in the tint of the sauce


_BOWLS = "soup bowl, blue bowl, clay bowl, soup pot"
_PLATES = "white plate, blue plate, grey plate, wooden board"
# name | weight | plan | base | layout | cooking | vessels | ground | mains | garnish | seasoning
_TABLE = """
vegetable soup | 1.5 | soup | broth | mixed | boiled | BOWLS
    | broths 1 | roots 1-2; vegetables 1-2; legumes 0-1
    | herbs 0-1; cheeses 0-1 | oils 1; onions 0-1; savoury 2-3
tomato soup | 1.2 | smooth | broth | top | boiled | BOWLS
    | tomatoes 1 | toppings 2-3
    | dollops 0-1; herbs 0-1 | oils 1; heavy cream 0-1; savoury 1-3
noodle soup | 1.1 | noodlesoup | noodlebroth | mixed | boiled | BOWLS
    | noodles 1 | proteins 1; vegetables 1-2; greens 0-1
    | green onion 0-1; red chili 0-1; herbs 0-1 | broths 1; asian 2-3
lentil soup | 0.9 | soup | porridge | mixed | boiled | BOWLS
    | lentils 1 | roots 1-2; greens 0-1; cured 0-1
    | dollops 0-1; herbs 0-1 | oils 1; broths 1; savoury 2-3
beef stew | 1.2 | stew | broth | mixed | boiled | BOWLS, casserole
    | beef broth 1 | beef chuck 1; roots 1-3; vegetables 0-1
    | herbs 0-1 | oils 1; flour 1; savoury 2-3
fish stew | 0.8 | stew | broth | mixed | boiled | BOWLS, casserole
    | canned tomatoes 1 | seafood 1-2; vegetables 1-2; roots 0-1
    | herbs 0-1; citrus 0-1 | oils 1; savoury 2-3
chicken curry | 1.3 | curry | curry | mixed | boiled | white plate, blue bowl, clay bowl, skillet
    | coconut milk 1 | chicken breast,chicken thigh 1; vegetables 1-2; nuts 0-1
    | herbs 0-1; red chili 0-1 | curries 1-2; vegetable oil 1; rices 1; asian 0-2
vegetable curry | 1.1 | curry | curry | mixed | boiled | white plate, blue bowl, clay bowl, skillet
    | coconut milk 1 | vegetables 2-3; legumes 0-1; roots 0-1
    | herbs 0-1; nuts 0-1 | curries 1-2; vegetable oil 1; rices 1; asian 0-2
fried rice | 1.4 | wok | grains | mixed | fried | blue bowl, white plate, skillet, clay bowl
    | rices 1 | proteins 1; vegetables 1-2; greens 0-1
    | green onion 0-1; sesame seeds,black sesame seeds 0-1 | vegetable oil 1; asian 2-3
grain bowl | 1.2 | bowl | grains | sectors | roasted, raw, grilled |
    white bowl, blue bowl, wooden bowl, clay bowl | grains 1
    | crudites 1-2; vegetables 1-2; legumes 0-1; proteins 0-1
    | sprinkles 0-1; drizzles 0-1 | olive oil 1; citrus 0-1; savoury 1-2
smoothie bowl | 0.9 | smoothie | cream | sectors | raw | white bowl, blue bowl, wooden bowl, glass bowl
    | strawberry,blueberry,mango,banana,spinach,raspberry 1 | fruits 2-3; crunch 1-2
    | syrups 0-1 | greek yogurt,coconut milk,whole milk 1
greek salad | 1.2 | salad | greens | mixed | raw | white bowl, wooden bowl, glass bowl, PLATES
    | romaine lettuce,spinach,arugula 1 | feta cheese 1; crudites 2-4
    | herbs 0-1; drizzles 0-1 | olive oil 1; red wine vinegar 1; savoury 1-2
fruit salad | 1.1 | fruit | bare | mixed | raw | white bowl, glass bowl, blue bowl, wooden bowl
    | sugar 1 | fruits 3-5
    | mint 0-1; nuts 0-1; creams 0-1 | citrus 1; honey 0-1; vanilla extract 0-1
potato salad | 1.0 | salad | potatoes | mixed | raw | white bowl, wooden bowl, glass bowl, PLATES
    | potato 1 | crudites 1-2; cured 0-1; egg 0-1; legumes 0-1
    | herbs 0-1; paprika 0-1 | mayonnaise,sour cream,greek yogurt 1; red wine vinegar 1; savoury 1-2
pasta salad | 1.0 | pastasalad | shapes | mixed | raw | white bowl, wooden bowl, glass bowl, PLATES
    | shapes 1 | crudites 2-3; cheeses 0-1; cured 0-1
    | herbs 0-1; drizzles 0-1 | olive oil 1; red wine vinegar,lemon 1; savoury 1-2
fruit tart | 1.1 | tart | crust | rings | raw | PLATES, pie tin
    | crusts 1 | fruits 1-3
    | nuts 0-1; mint 0-1; dusts 0-1 | sugar 1; egg 1; whole milk,heavy cream 1; vanilla extract 0-1
vegetable tart | 0.9 | savourytart | crust | rings | baked | PLATES, pie tin
    | crusts 1 | vegetables 1-3; cheeses 0-1
    | herbs 0-1; sprinkles 0-1 | egg 1; heavy cream 1; savoury 1-2
fruit pie | 1.0 | pie | lattice | mixed | baked | white plate, blue plate, pie tin, wooden board
    | pie crust,puff pastry 1 | pie fruits 1-3
    | dusts 0-1; creams 0-1 | sugar 1; flour 1; butter 1; lemon 0-1
chicken pie | 0.9 | lidpie | lid | mixed | baked | casserole, pie tin, baking dish, skillet
    | puff pastry,pie crust 1 | chicken breast,chicken thigh 1; vegetables 1-2; roots 0-1; cured 0-1
    | herbs 0-1 | white sauce 1; butter 1; savoury 1-2
pan pizza | 1.3 | pizza | pizza | mixed | baked | skillet, wooden board, baking tray, white plate
    | pizza dough 1 | mozzarella cheese 1; vegetables 1-2; pepperoni,bacon,ham,chorizo 0-1; crudites 0-1
    | basil,arugula 0-1; hot sauce,pesto 0-1 | tomato sauce,white sauce 1; olive oil 1; savoury 0-2
sesame noodles | 1.0 | noodles | noodles | mixed | fried, raw | white bowl, blue bowl, clay bowl, white plate
    | noodles 1 | vegetables 1-2; proteins 0-1; greens 0-1; crudites 0-1
    | sesame seeds,black sesame seeds 1; green onion 0-1; peanuts 0-1 | tahini,peanuts 0-1; asian 2-3
tomato pasta | 1.2 | pasta | noodles | mixed | fried | white plate, blue plate, clay bowl, skillet
    | pastas 1 | vegetables 1-2; cured 0-1; seafood 0-1
    | herbs 0-1; parmesan cheese,mozzarella cheese 0-1 | tomatoes 1; olive oil 1; savoury 2-3
cream pasta | 1.0 | pasta | noodles | mixed | fried | white plate, blue plate, clay bowl, skillet
    | pastas 1 | vegetables 1-2; cured 0-1; seafood 0-1; greens 0-1
    | herbs 0-1; parmesan cheese 0-1 | heavy cream 1; butter 1; savoury 1-2
rice pudding | 0.8 | porridge | porridge | top | raw | white bowl, blue bowl, glass bowl, clay bowl
    | white rice,jasmine rice 1 | fruits 1-2; sweets 1-2
    | dusts 0-1; syrups 0-1 | whole milk,coconut milk 1; sugar 1; vanilla extract 0-1
bread pudding | 0.9 | custard | bread | mixed | baked | baking dish, casserole, skillet, pie tin
    | breads 1 | sweets 1-2; pie fruits 1-2
    | dusts 0-1; creams,syrups 0-1 | egg 1; whole milk 1; sugar 1; vanilla extract 0-1
chocolate cake | 1.1 | cake | cake | top | raw | PLATES, baking dish
    | cocoa powder 1 | berries 0-1; fruits 1; sweets 1-2
    | creams 0-1; chocolate sauce,powdered sugar 0-1 | flour 1; sugar 1; egg 1; butter 1; baking powder 0-1
berry cake | 0.9 | cake | cake | top | raw | PLATES, baking dish
    | flour 1 | berries 2-3; nuts 0-1; sweets 0-1
    | creams 0-1; powdered sugar,honey 0-1 | sugar 1; egg 1; butter 1; baking powder 0-1; vanilla extract 0-1
fruit pancakes | 1.1 | pancakes | pancakes | top | raw | white plate, blue plate, grey plate, skillet
    | flour 1 | fruits 1-3; nuts 0-1; crunch 0-1
    | syrups 1; creams 0-1; powdered sugar 0-1 | whole milk 1; egg 1; baking powder 1; sugar 0-1
vegetable omelette | 1.0 | omelette | omelette | mixed | fried |
    white plate, blue plate, skillet, wooden board | egg 1
    | vegetables 2-3; melting 0-1; onions 0-1; greens 0-1
    | herbs 0-1; hot sauce 0-1 | oils 1; whole milk 0-1; savoury 1-2
grilled skewers | 1.0 | skewers | skewers | rows | grilled |
    wooden board, white plate, grey plate, baking tray | olive oil 1
    | chicken breast,beef chuck,shrimp,pork shoulder,salmon fillet,tofu 1;
    vegetables 1-2; peppers 0-1; pineapple,peach,red onion 0-1
    | herbs 0-1; lemon,lime 0-1 | soy sauce,lemon,honey 1; savoury 1-2
roasted vegetables | 1.1 | roast | bare | mixed | roasted | baking tray, baking dish, skillet, white plate
    | olive oil 1 | roots 2-3; vegetables 1-2; onions 0-1
    | herbs 0-1; cheeses,sprinkles 0-1 | savoury 2-3
street tacos | 1.1 | tacos | tacos | tacos | grilled | wooden board, white plate, blue plate, baking tray
    | tortillas 1
    | chicken thigh,flank steak,shrimp,cod fillet,pork shoulder,black beans,ground beef 1;
    crudites 1-2; onions 0-1; pineapple,mango 0-1
    | cilantro 0-1; sour cream,hot sauce 0-1; feta cheese 0-1 | lime 1; oils 1; savoury 1-2
potato gratin | 0.9 | gratin | gratin | mixed | baked | baking dish, casserole, skillet, pie tin
    | potato 1 | melting 1; vegetables 0-1; roots 0-1; cured 0-1; onions 0-1
    | herbs 1 | heavy cream 1; butter 1; savoury 1-2
cheese toast | 0.9 | toast | toast | mixed | baked | PLATES, baking tray
    | breads 1 | melting,cheeses 1; crudites 1-2; cured 0-1
    | herbs 0-1; honey,pesto,hot sauce 0-1 | butter 1; black pepper 0-1; dijon mustard 0-1
"""


def _parse(table: str) -> tuple[Dish, ...]:
    found = []
    for row in table.strip().replace("\n   ", "").splitlines():
        cells = [cell.strip() for cell in row.split("|")]
        cells[6] = cells[6].replace("BOWLS", _BOWLS).replace("PLATES", _PLATES)
        found.append(Dish(cells[0], float(cells[1]), *cells[2:]))
    return tuple(found)


DISHES = _parse(_TABLE)


@cache
def draws(field: str) -> list[tuple[list[str], int, int]]:
    """Read "pool 1-2; a,b 0-1" as (names to choose from, fewest, most) for each part."""
    found = []
    for part in filter(None, (part.strip() for part in field.split(";"))):
        source, numbers = part.rsplit(" ", 1)
        names = [name for word in source.split(",") for name in POOLS.get(word, word).split(", ")]
        fewest, _, most = numbers.partition("-")
        found.append((names, int(fewest), int(most or fewest)))
    return found
