from scratch As One
run a
Copy x y
