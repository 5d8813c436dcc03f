def write(out, document): pass
