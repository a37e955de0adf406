

  FROM   scratch	 AS	x  

	RUN	 a  b 
   
# end