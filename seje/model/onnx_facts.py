def facts(model, vocabulary): return {}
