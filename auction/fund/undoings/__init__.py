"""What undoes the money of a sale: top-up, setting aside, reversal of enforcement, the third party who wins.

Words: undoing (a sealed ruling by which money goes another way than it went), top-up (补交差价), setting aside (撤销拍卖),
reversal of enforcement (执行回转), third party who wins (案外人胜诉), fallen share (应退还的份额), recovery (追缴: what somebody owes the
case by such a ruling), escrow (提存).
"""
