// Draws an answer whose markers can be clicked. All text goes through textContent: nothing is ever parsed as HTML.
export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".hb-answer")
  if (!root) {
    root = document.createElement("div")
    root.className = "hb-answer"
    parentElement.appendChild(root)
  }
  root.replaceChildren()
  for (const segment of data.segments) {
    const node = document.createElement(segment.marker === null ? "span" : "button")
    node.textContent = segment.marker === null ? segment.text : String(segment.marker)
    if (segment.marker !== null) {
      node.type = "button"
      node.title = segment.hint
      node.setAttribute("aria-label", "Mở nguồn " + segment.marker)
      node.dataset.marker = segment.marker
      node.onclick = () => setTriggerValue("opened", segment.marker)
    }
    root.appendChild(node)
  }
}
