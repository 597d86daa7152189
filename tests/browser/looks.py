"""What is wrong with how a page looks, and with what it tells a screen reader."""
import time

from page_check import OVERFLOW

# Texts whose colour stands out too little from what is behind them: 4.5 to 1, or 3 to 1 for large ones.
CONTRAST = """(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0.9) return c; } return [255, 255, 255]; };
  const faults = [];
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.offsetParent || e.closest("#frame, .tile")) continue;
    const style = getComputedStyle(e), a = light(parse(style.color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.7 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(`"${e.textContent.trim().slice(0, 30)}" has a contrast of ${ratio.toFixed(2)}`);
  }
  return [...new Set(faults)].slice(0, 10);
})()"""

# Controls without a name that a screen reader could say.
NAMES = """[...document.querySelectorAll("button, select, input, textarea, a, progress, [role]")].filter((e) => e.offsetParent)
  .filter((e) => !(e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.labels?.length || e.textContent.trim() || e.id === "said" || e.id === "trouble"))
  .map((e) => `${e.tagName.toLowerCase()}#${e.id} has no name`)"""

# Roles of Chromium's accessibility tree that need a name.
NAMED_ROLES = {"button", "checkbox", "combobox", "dialog", "group", "image", "img", "link", "listbox", "option", "progressbar", "progressIndicator",
               "region", "slider", "spinbutton", "textbox"}


def faults_of_looks(tab):
    """What is cut off, stands out too little, or has no name."""
    return [str(fault) for script in (OVERFLOW, CONTRAST, NAMES) for fault in tab.value(script) or []]


def tree(tab):
    """What a screen reader is given: [(role, name, properties)], in the order of reading."""
    tab.ask("Accessibility.enable")
    nodes = tab.ask("Accessibility.getFullAXTree")["nodes"]
    tab.ask("Accessibility.disable")
    return [(node["role"]["value"], node.get("name", {}).get("value", "").strip(), {p["name"]: p["value"].get("value") for p in node.get("properties", [])})
            for node in nodes if not node.get("ignored")]


def faults_of_tree(tab, faults_of, seconds=20):
    """What `faults_of` finds in the tree, once it finds nothing or the time is over: Chromium brings its tree up to date late."""
    end = time.monotonic() + seconds
    while True:
        faults = faults_of(tree(tab))
        if not faults or time.monotonic() > end:
            return faults
        time.sleep(0.1)


def faults_of_page(nodes, levels, title):
    """Of the single view, whose picture is the 50th, a ring graded B."""
    faults = [f"a screen reader finds a {role} without a name" for role, name, _ in nodes if not name and role in NAMED_ROLES]
    said = {(role, name) for role, name, _ in nodes}
    buttons = [(name, properties) for role, name, properties in nodes if role == "button"]
    for level in levels:
        own = [properties for name, properties in buttons if name.startswith(level["grade"]) and level["meaning"] in name]
        if len(own) != 1:
            faults.append(f"the grade {level['grade']} has {len(own)} buttons that say what it means")
            continue
        if own[0].get("pressed") != ("true" if level["grade"] == "B" else "false"):
            faults.append(f"whether {level['grade']} is given is not said")
        if own[0].get("keyshortcuts") != level["key"]:
            faults.append(f"the key of {level['grade']} is not said")
    pictures = [name for role, name, _ in nodes if role in ("image", "img")]
    if not any(name.startswith("picture 50, graded B, ring") for name in pictures):
        faults.append(f"the picture is called {pictures}")
    for role, name in (("combobox", "show"), ("combobox", "by"), ("textbox", "note n"), ("slider", "brightness"), ("heading", title)):
        if (role, name) not in said:
            faults.append(f"no {role} is called {name}")
    if not any(role in ("progressbar", "progressIndicator") and name == "graded" for role, name, _ in nodes):
        faults.append("the progress has no name")
    if not any(properties.get("live") == "polite" for role, _, properties in nodes if role == "status"):
        faults.append("what was stored is not said")
    return faults


def faults_of_tiles(nodes):
    """Of the mosaic, where the 50th picture is chosen and graded B, and the 51st is not graded."""
    options = {name: properties for role, name, properties in nodes if role == "option" and name.startswith("picture ")}
    faults = [] if options.get("picture 50, graded B", {}).get("selected") is True else ["the chosen tile is not said to be chosen"]
    return faults if "picture 51, not graded" in options else [*faults, f"tiles are called {sorted(options)[:5]}"]
