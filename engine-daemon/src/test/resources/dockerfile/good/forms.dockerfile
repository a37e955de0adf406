FROM scratch
CMD
CMD []
CMD [ "a" , "b\u0041\n" ]
CMD [not json]
CMD ["a"] && b
CMD ['a']
ENTRYPOINT []
RUN [ "$PATH" ]
COPY ["a b", "c", "/d e/"]
COPY [a b] c
