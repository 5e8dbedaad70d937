// Keeps the id of this tab's conversation over a reload, and a phone's sidebar from covering the page just chosen.
const KEY = "hoibao-conversation"

function remembered() {
  try { return sessionStorage.getItem(KEY) } catch { return null }
}

function remember(id) {
  try { sessionStorage.setItem(KEY, id) } catch { /* storage is switched off: a reload begins anew */ }
}

export default function ({ data, setTriggerValue }) {
  const place = `${data.page} ${data.conversation}`
  const tab = (window.hoibaoTab ??= { place: null })
  if (tab.place === null) {
    const earlier = remembered()
    if (earlier && earlier !== data.conversation) setTriggerValue("resumed", earlier)
    else remember(data.conversation)
  } else if (tab.place !== place) {
    remember(data.conversation)
    const close = '[data-testid="stSidebarCollapseButton"] button[aria-expanded="true"]'
    if (innerWidth < 768) document.querySelector(close)?.click()
  }
  tab.place = place
}
