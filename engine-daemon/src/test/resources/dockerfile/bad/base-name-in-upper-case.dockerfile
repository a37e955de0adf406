FROM Scratch2
