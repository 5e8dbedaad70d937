// Brings the last question to the top of the view when it is asked and when it is answered. Streamlit keeps a
// chat at its very end, where a phone shows only the last source. It lets go of the end when a resting page is
// scrolled and not before; so this waits until nothing moves.
const HANDS = ["wheel", "pointerdown", "keydown"]
const TICK = 40, REST = 4, TICKS = 100 // milliseconds; ticks without any movement; ticks in all

export default function ({ data }) {
  const state = JSON.stringify(data)
  const tab = (window.hoibaoLatest ??= { state: "", stop: () => {} })
  if (tab.state === state) return // drawn again, nothing new: what runs goes on
  tab.stop()
  tab.state = state
  const asked = data.turns + (data.asking ? 1 : 0)
  const view = document.querySelector('[data-testid="stAppScrollToBottomContainer"]')
  if (!asked || !view) return
  const where = () => `${view.scrollTop} ${view.scrollHeight} ${view.clientHeight}`
  const hand = event => { if (event.isTrusted) tab.stop() } // whoever reads on is left alone
  let before = "", resting = 0, ticks = 0
  const timer = setInterval(() => {
    const now = where()
    resting = now === before ? resting + 1 : 0
    before = now
    const question = document.querySelectorAll('[data-testid="stChatMessage"]')[2 * asked - 2]
    if (question && resting === REST) {
      question.scrollIntoView({ block: "start" })
      before = where()
    }
    if (++ticks === TICKS) tab.stop()
  }, TICK)
  for (const kind of HANDS) view.addEventListener(kind, hand, { passive: true })
  tab.stop = () => {
    clearInterval(timer)
    for (const kind of HANDS) view.removeEventListener(kind, hand)
    tab.stop = () => {}
  }
}
