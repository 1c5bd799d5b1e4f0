return 
