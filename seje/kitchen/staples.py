"""Ingredients that seasonings, sauces and bases are made of; columns as in the table of ingredients."""

STAPLES = """
heavy cream       | liquid | f8f2e0 ffffff | none   | whole | 0.4
coconut milk      | liquid | f4efe2 ffffff | none   | whole | 0.4
whole milk        | liquid | f8f4e8 ffffff | none   | whole | 0.2
tomato paste      | spoon  | b02a12 d04820 | none   | whole | 0.35
curry powder      | spoon  | d09a18 e8b830 | none   | whole | 0.45
red curry paste   | spoon  | c24a18 e0682c | none   | whole | 0.45
green curry paste | spoon  | 6f8c34 93b04c | none   | whole | 0.45
turmeric          | tsp    | e0a008 f5bd20 | none   | whole | 0.4
paprika           | tsp    | b83a12 d85a20 | none   | whole | 0.2
cumin             | tsp    | 8a6a34 a8864c | none   | whole | 0.08
cinnamon          | tsp    | 8a4a1c a8642c | dust   | dusted | 0.12
cocoa powder      | spoon  | 3f2012 5c3220 | dust   | dusted | 0.3
powdered sugar    | spoon  | f7f5f2 ffffff | dust   | dusted
soy sauce         | spoon  | 3a1c0c 52301c | none   | whole | 0.3
fish sauce        | spoon  | 8a5a20 a8782c | none   | whole | 0.08
sesame oil        | spoon  | b07a20 d0982c | none   | whole | 0.05
olive oil         | spoon  | b5a030 d0bc48 | none   | whole
vegetable oil     | spoon  | e0d080 f0e4a0 | none   | whole
butter            | spoon  | f3dc80 fbe9a0 | none   | whole
red wine vinegar  | spoon  | 8a2030 a83848 | none   | whole
dijon mustard     | spoon  | c9a030 e0bc50 | none   | whole | 0.1
mayonnaise        | cup    | f7eecb fdf8e0 | none   | whole | 0.3
salt              | pinch  | ffffff ffffff | none   | whole
black pepper      | pinch  | 201c18 3a342c | none   | whole
sugar             | spoon  | ffffff ffffff | none   | whole
flour             | cup    | f5efe0 fbf8f0 | none   | whole
baking powder     | tsp    | ffffff ffffff | none   | whole
vanilla extract   | tsp    | 4a2812 6a3c1c | none   | whole
vegetable broth   | liquid | c98a34 e0a850 | none   | whole
chicken broth     | liquid | e0b458 f0cc78 | none   | whole
beef broth        | liquid | 74401c 94582c | none   | whole
canned tomatoes   | can    | c23a1c e05a30 | none   | whole | 0.4
tomato sauce      | cup    | b52a14 d84a24 | none   | whole | 0.4
white sauce       | cup    | f0e4c4 faf2dc | none   | whole | 0.3
white rice        | cup    | f2ecdc fffdf6 | none   | whole
brown rice        | cup    | b98f5c d8b484 | none   | whole
jasmine rice      | cup    | f7f3e6 ffffff | none   | whole
quinoa            | cup    | d9c48a f0e0b0 | none   | whole
bulgur            | cup    | b98a48 d8ac68 | none   | whole
couscous          | cup    | e8cc80 f7e2a8 | none   | whole
wild rice         | cup    | 3a2a24 6a5040 | none   | whole
egg noodles       | ounce  | e8bc50 f7d880 | none   | whole
rice noodles      | ounce  | eee8dc fffcf4 | none   | whole
soba noodles      | ounce  | 8f7460 b89c84 | none   | whole
spaghetti         | ounce  | ecc468 fadc94 | none   | whole
whole wheat linguine | ounce | b07c48 cf9f6c | none  | whole
spinach fettuccine | ounce | 7f9a50 a5bd74 | none   | whole
fusilli           | ounce  | ecc060 fad88c | none   | whole
penne             | ounce  | e3b050 f5d080 | none   | whole
red lentils       | cup    | d9742c f09850 | none   | whole
brown lentils     | cup    | 6a4a2c 8f6c44 | none   | whole
green lentils     | cup    | 6f7038 939458 | none   | whole
rye bread         | slice  | 5c3a22 8c6444 | none   | whole
white bread       | slice  | b57a38 f0d8a4 | none   | whole
brioche           | slice  | a85c1c f0c068 | none   | whole
corn tortillas    | pack   | d9a83c f2cf70 | none   | whole
flour tortillas   | pack   | dcc498 f5e8cc | none   | whole
pie crust         | piece= | c98f4a e8bf80 | none   | whole
puff pastry       | sheet  | b8742c e3a858 | none   | whole
pizza dough       | pound  | c08a4c e8c488 | none   | whole
"""
