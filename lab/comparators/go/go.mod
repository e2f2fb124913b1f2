module comparator

go 1.19
