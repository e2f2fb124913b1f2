#!/bin/sh
# Draws the report of the snapshot in a real headless Chromium: light, dark, and on a phone.
# Fails when the page is wider than a phone, or asks for anything outside of itself.
#
#   meter/tests/report-in-browser.sh FOLDER [REPORT.html [HEIGHT]]
#
# The screenshots in FOLDER, 1200 pixels wide and HEIGHT (2400) high, are for a person to look at.
# meter/report.png is the light one of a report on two functions, reduced to 64 colours by pngquant.
# Needs chromium (apt-get install chromium).
set -eu
folder=${1:?usage: report-in-browser.sh FOLDER [REPORT.html [HEIGHT]]}
height=${3:-2400}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cp "${2:-$(dirname "$0")/snapshots/report.html}" "$folder/report.html"

browser() {
    timeout 60 chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars \
        --allow-file-access-from-files --user-data-dir="$folder/profile" "$@" 2>"$folder/browser.log"
}

# Chromium has no window as narrow as a phone: a frame is.
cat >"$folder/phone.html" <<'HTML'
<body style="margin:0"><iframe id="phone" src="report.html" style="width:390px;height:3000px;border:0"></iframe>
<p id="width"></p><script>
phone.onload = () => {
  const page = phone.contentDocument, root = page.documentElement;
  width.textContent = `width ${root.scrollWidth} of ${root.clientWidth}, ` +
    `charts ${page.querySelectorAll("svg").length}, ` +
    `requests ${phone.contentWindow.performance.getEntriesByType("resource").length}`;
};
</script></body>
HTML

browser --window-size="1200,$height" --screenshot="$folder/light.png" "file://$folder/report.html"
browser --window-size="1200,$height" --blink-settings=preferredColorScheme=0 \
    --screenshot="$folder/dark.png" "file://$folder/report.html"
browser --window-size=500,3000 --screenshot="$folder/phone.png" "file://$folder/phone.html"
facts=$(browser --virtual-time-budget=5000 --dump-dom "file://$folder/phone.html" | grep -o 'width [0-9].*requests [0-9]*')
rm -rf "$folder/profile"
echo "$facts"
case $facts in
    "width 390 of 390, charts 0"*) echo "no charts" >&2; exit 1 ;;
    "width 390 of 390, "*"requests 0") ;;
    *) echo "the page is wider than a phone, or not self-contained" >&2; exit 1 ;;
esac
cmp -s "$folder/light.png" "$folder/dark.png" && { echo "dark looks like light" >&2; exit 1; }
ls "$folder"/*.png
