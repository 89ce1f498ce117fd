// Measures pages in frames of several widths, and writes what is wrong with them as JSON.
function isApart(a, b) {
  return a.right < b.left + 1 || b.right < a.left + 1 || a.bottom < b.top + 1 || b.bottom < a.top + 1;
}
function faultsOf(frame) {
  const view = frame.contentWindow, page = frame.contentDocument, found = [];
  const say = (kind, element) => found.push(`${kind}: ${element.tagName} ${element.textContent.trim().slice(0, 60)}`);
  if (page.documentElement.scrollWidth > view.innerWidth) found.push(`page is ${page.documentElement.scrollWidth} wide`);
  for (const element of page.querySelectorAll("body *")) {
    const box = element.getBoundingClientRect();
    if (box.width && (box.right > view.innerWidth + 1 || box.left < -1) && !element.closest(".scroll")) say("sticks out", element);
  }
  for (const chart of page.querySelectorAll("svg")) {
    const texts = [...chart.querySelectorAll("text")].map((text) => [text, text.getBoundingClientRect()]);
    texts.forEach(([text, box], index) => {
      if (box.height < 8) say("too small", text);
      for (const [other, own] of texts.slice(0, index)) {
        if (!isApart(box, own)) say(`covers ${other.textContent} in ${chart.closest("figure").querySelector("h3").textContent}`, text);
      }
    });
  }
  for (const cell of page.querySelectorAll(".confusion td, .confusion thead th")) {
    if (cell.scrollWidth > cell.clientWidth + 1) say("is cut", cell);
    if (parseFloat(view.getComputedStyle(cell).fontSize) < 11) say("too small", cell);
  }
  for (const image of page.images) if (!image.complete || !image.naturalWidth) say("not shown", image);
  return found;
}
function brightness(colour) {
  const [red, green, blue] = colour.match(/[\d.]+/g).map(Number);
  return (0.3 * red + 0.59 * green + 0.11 * blue) / 255;
}
window.addEventListener("load", () => {
  const result = {};
  for (const frame of document.querySelectorAll("iframe")) {
    const style = frame.contentWindow.getComputedStyle(frame.contentDocument.body);
    result[frame.title] = {
      faults: faultsOf(frame),
      texts: frame.contentDocument.querySelectorAll("svg text").length,
      ink: brightness(style.color),
      page: brightness(style.backgroundColor),
    };
  }
  document.body.textContent = JSON.stringify(result);
});
