prepared one subject
short=$(messages one | wc -c)
ref=${PARENT_REF#"$PARENT"}
name=$(basename "$PARENT")
COPIES="$WORK/parents/$(printf %099d 0)/$name${COPIES#"$PARENT"}"
PARENT=$WORK/parents/$(printf %099d 0)/$name
mkdir -p "$(dirname "$PARENT$ref")"
: > "$PARENT$ref"
prepared two second
more=$(($(messages two | wc -c) - short))
[ $more -le 1000 ] || shows "$more characters more where the path of PARENT has 100 more" "10 mentions of it at most"
sound "$more characters more where the path of PARENT has 100 more"
