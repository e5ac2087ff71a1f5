"""The rooms (竞价现场): sockets between pages and the bid core; nothing here decides a bid.

Words: a *ticket* (入场券) admits one socket once; a *resume token* (续接凭证) lets it come back at any gateway; a *member*
is one admitted socket; a *frame* is one message on it; the *line* (线路) says whether what is shown is fresh; to *cut off*
is to close a socket with a code that says how to come back; a *spectator* (围观) reads only.
``asyncapi.yaml`` is the protocol in writing; ``wire`` its messages, ``room`` one room without I/O, ``gateway`` the process.
"""
