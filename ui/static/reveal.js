// Scrolls the cited sentence of the opened article into view, as soon as both are on the page.
export default function ({ data }) {
  let tries = 40
  const timer = setInterval(() => {
    const target = document.querySelector('[role="dialog"] .hb-target')
    if (target) target.scrollIntoView({ block: "center" })
    if (target || --tries === 0) clearInterval(timer)
  }, 50)
  return () => clearInterval(timer)
}
