FROM scratch
ENV set=value empty=
ENV a=$set b=${set} c=${set}x d=$setx e=$ f=$. g=a$1b
ENV a=${set:-x} b=${empty:-x} c=${none:-x} d=${set-x} e=${empty-x} f=${none-x}
ENV a=${set:+x} b=${empty:+x} c=${none:+x} d=${set+x} e=${empty+x} f=${none+x}
ENV a=${set:?x} b=${set?x} c=${empty?x}
ENV a=${none:-${set}} b=${none:-a${none:-b}c} c="${none:-"quoted"}" d=${none:-'single $set'}
ENV a='$set' b="$set" c=\$set d="\$set" e='\$set' f=\\$set g="a\b\"c" h=a\b
ENV path=/usr/local/bin/a.tar.gz
ENV a=${path#*/} b=${path##*/} c=${path%.*} d=${path%%.*} e=${path#/???} f=${path%x} g=${path#\*}
ENV a=${path/a/A} b=${path//a/A} c=${path/\/usr/} d=${path//[l]/x} e=${path/l*b/-} f=${path//?/.} g=${path/none/x}
ENV a="x y"z b=x\ y c='a'"b"c
ENV legacy $set and  more "quoted" 'single'
ENV self=$self:more
LABEL a.b=$set "c d"=$empty e='multi \
line'
