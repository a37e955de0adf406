From scratch
WORKDIR /a
env A=1
User x
