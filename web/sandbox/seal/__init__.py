"""The court's seal service (电子印章服务): puts a mark on a document's fingerprint, once per key.

Words: *mark* (印记) the signed document that says which paper bears which court's seal since when.
"""
