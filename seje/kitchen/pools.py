"""Groups of ingredients that can stand for one another."""

POOLS = {
    "roots": "carrot, parsnip, potato, sweet potato, beet, turnip, celery, fennel, butternut squash, pumpkin",
    "onions": "red onion, yellow onion, green onion, shallot, leek",
    "peppers": "red bell pepper, green bell pepper, yellow bell pepper, jalapeno, red chili",
    "vegetables": "zucchini, eggplant, broccoli, cauliflower, tomato, cherry tomato, asparagus, green beans,"
    " green peas, sweet corn, button mushroom, shiitake mushroom, red bell pepper, green bell pepper,"
    " yellow bell pepper, carrot, red onion, snow peas, artichoke hearts",
    "crudites": "cucumber, cherry tomato, tomato, radish, red onion, green bell pepper, yellow bell pepper,"
    " black olives, green olives, avocado, artichoke hearts, sweet corn, carrot, beet, red cabbage,"
    " sun-dried tomato",
    "greens": "spinach, kale, bok choy, green cabbage, red cabbage",
    "legumes": "chickpeas, black beans, kidney beans, white beans, edamame, green peas",
    "proteins": "tofu, chicken breast, chicken thigh, flank steak, pork shoulder, shrimp, egg, ham,"
    " salmon fillet",
    "cured": "bacon, ham, chorizo, italian sausage, smoked salmon",
    "seafood": "salmon fillet, cod fillet, shrimp, mussels, squid",
    "cheeses": "feta cheese, cheddar cheese, parmesan cheese, blue cheese, goat cheese, mozzarella cheese",
    "melting": "cheddar cheese, gruyere cheese, mozzarella cheese, parmesan cheese",
    "herbs": "basil, parsley, cilantro, mint, dill, chives, rosemary, thyme",
    "berries": "strawberry, raspberry, blueberry, blackberry, cherry",
    "fruits": "strawberry, raspberry, blueberry, blackberry, cherry, red grapes, green grapes, banana, apple,"
    " pear, peach, apricot, plum, mango, pineapple, kiwi, orange, fig",
    "pie fruits": "apple, pear, peach, plum, cherry, blueberry, blackberry, raspberry, apricot, strawberry",
    "nuts": "almonds, walnuts, pecans, cashews, pistachios, peanuts",
    "sprinkles": "pine nuts, sesame seeds, black sesame seeds, pumpkin seeds, pomegranate seeds",
    "sweets": "raisins, dried cranberry, chocolate chips, coconut flakes, almonds, walnuts, pecans",
    "crunch": "granola, cornflakes, coconut flakes, chocolate chips, pumpkin seeds, almonds, pistachios",
    "toppings": "croutons, cheddar cheese, bacon, chickpeas, shrimp, feta cheese, avocado, egg, spinach,"
    " button mushroom, goat cheese, sweet corn, smoked salmon",
    "citrus": "lemon, lime, orange",
    "creams": "greek yogurt, sour cream, whipped cream, ricotta",
    "dollops": "greek yogurt, sour cream, pesto, hot sauce",
    "syrups": "maple syrup, honey, chocolate sauce",
    "dusts": "cinnamon, powdered sugar, cocoa powder",
    "drizzles": "pesto, tahini, hot sauce, honey",
    "oils": "olive oil, vegetable oil, butter",
    "broths": "vegetable broth, chicken broth, beef broth",
    "tomatoes": "canned tomatoes, tomato sauce",
    "curries": "curry powder, red curry paste, green curry paste, turmeric",
    "savoury": "salt, black pepper, paprika, cumin, tomato paste, dijon mustard, garlic",
    "asian": "soy sauce, fish sauce, sesame oil, ginger, garlic",
    "baking": "flour, sugar, baking powder, vanilla extract, whole milk, butter",
    "rices": "white rice, brown rice, jasmine rice, wild rice",
    "grains": "quinoa, bulgur, couscous, brown rice, wild rice",
    "lentils": "red lentils, brown lentils, green lentils",
    "noodles": "egg noodles, rice noodles, soba noodles",
    "pastas": "spaghetti, whole wheat linguine, spinach fettuccine",
    "shapes": "fusilli, penne",
    "breads": "rye bread, white bread, brioche",
    "crusts": "pie crust, puff pastry",
    "tortillas": "corn tortillas, flour tortillas",
}
