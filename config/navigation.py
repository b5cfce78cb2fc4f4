def house(request): return {}
