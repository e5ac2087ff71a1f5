"""Pages for everybody: the list of lots, the lot with its room, its journal, and the keys to check journals with.

Words: stage (阶段: how a lot stands as people read it), main step (主要操作), public record (竞买记录). Nothing here is
personal but the buyer's name in the published confirmation (网拍 22).
"""
