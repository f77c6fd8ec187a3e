/**
 * The window of the page: which files were chosen, what is going on, and the report in the language that is asked for.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */
import { CATALOGUES, type Language } from '@amana/vocabulary'
import { type Finding } from '../findings.ts'
import { secondsOf } from '../instant.ts'
import { footerRule, reportJson } from '../print-footer.ts'
import { findingText, renderMain, type Report } from '../report.ts'
import { button, byId, element, nodesOf } from './elements.ts'
import { type Sample } from './sample.ts'
import { tamper, type Tampering, TAMPERINGS } from './tamper.ts'
import { startTask, type Task } from './task.ts'
import { type Answer, type ChosenFile, PAGE_LIMITS, type Problem } from './worker.ts'

/** What the window shows; everything on screen follows from it. */
interface State {
  language: Language
  files: readonly ChosenFile[]
  /** Seconds since 1970: who held which key then. */
  asOf?: number
  sample?: Sample
  /** What was done to the sample that is shown; `none` is the sample as it was made. */
  done?: Tampering | 'none'
  task?: Task
  status: 'none' | 'working' | 'making' | 'cancelled' | 'finished'
  report?: Report
  problem?: { readonly problem: Problem; readonly detail: string }
}

/** Shows the page; `script` is its own source, of which workers are made. */
export function startWindow(script: string): void {
  const language = navigator.language.startsWith('fr') ? 'fr' : 'en'
  new PageWindow(script, language).start()
}

class PageWindow {
  readonly #script: string
  readonly #state: State

  constructor(script: string, language: Language) {
    this.#script = script
    this.#state = { language, files: [], status: 'none' }
  }

  start(): void {
    for (const language of ['en', 'fr'] as const) {
      byId(language, HTMLButtonElement).addEventListener('click', () => {
        this.#state.language = language
        this.#show()
      })
    }
    const input = byId('choose', HTMLInputElement)
    input.addEventListener('change', () => {
      this.#add([...(input.files ?? [])])
      input.value = ''
    })
    addEventListener('dragover', (event) => {
      event.preventDefault()
    })
    addEventListener('drop', (event) => {
      event.preventDefault()
      this.#add([...(event.dataTransfer?.files ?? [])])
    })
    this.#listen()
    this.#show()
  }

  #listen(): void {
    const day = byId('asOf', HTMLInputElement)
    day.addEventListener('change', () => {
      this.#ask(secondsOf(day.value))
    })
    byId('clear', HTMLButtonElement).addEventListener('click', () => {
      this.#choose([])
    })
    byId('cancel', HTMLButtonElement).addEventListener('click', () => {
      this.#stop()
      this.#state.status = 'cancelled'
      this.#show()
    })
    byId('print', HTMLButtonElement).addEventListener('click', () => {
      print()
    })
    byId('sample', HTMLButtonElement).addEventListener('click', () => {
      this.#tamper('none')
    })
    for (const how of TAMPERINGS) {
      byId(how, HTMLButtonElement).addEventListener('click', () => {
        this.#tamper(how)
      })
    }
  }

  /** Adds files to those of the reader's own; the sample gives way to them. */
  #add(added: readonly File[]): void {
    const before = this.#state.done === undefined ? this.#state.files : []
    const files = [...before]
    for (const file of added) {
      const isTaken = files.some(({ name }) => name === file.name)
      files.push({
        name: isTaken ? `${String(files.length + 1)}/${file.name}` : file.name,
        blob: file,
      })
    }
    this.#choose(files)
  }

  #choose(files: readonly ChosenFile[]): void {
    this.#stop()
    delete this.#state.done
    this.#verify(files)
  }

  /** The files that are there are verified again. */
  #ask(asOf: number | undefined): void {
    this.#stop()
    delete this.#state.asOf
    if (asOf !== undefined) this.#state.asOf = asOf
    this.#verify(this.#state.files)
  }

  #verify(files: readonly ChosenFile[]): void {
    const state = this.#state
    Object.assign(state, { files, status: 'none' })
    const bytes = files.reduce((sum, { blob }) => sum + blob.size, 0)
    if (files.length > PAGE_LIMITS.files || bytes > PAGE_LIMITS.bytes) {
      state.problem = { problem: 'tooMuch', detail: '' }
    } else if (files.length > 0) {
      state.status = 'working'
      const { asOf } = state
      const day = asOf === undefined ? {} : { asOf }
      const request = { kind: 'verify', files, now: now(), ...day } as const
      state.task = startTask(this.#script, request, (answer) => {
        this.#take(answer, bytes)
      })
    }
    this.#show()
  }

  #tamper(how: Tampering | 'none'): void {
    this.#stop()
    const state = this.#state
    state.done = how
    if (state.sample === undefined) {
      state.status = 'making'
      state.task = startTask(this.#script, { kind: 'sample', now: now() }, (answer) => {
        this.#take(answer, 0)
        if (state.sample !== undefined) this.#tamper(how)
      })
      this.#show()
      return
    }
    const files = how === 'none' ? state.sample.files : tamper(state.sample, how)
    this.#verify(
      files.map(({ name, bytes }) => ({ name, blob: new Blob([new Uint8Array(bytes)]) })),
    )
  }

  #stop(): void {
    this.#state.task?.stop()
    delete this.#state.task
    delete this.#state.report
    delete this.#state.problem
  }

  #take(answer: Answer, bytes: number): void {
    const state = this.#state
    switch (answer.kind) {
      case 'read':
        byId('bar', HTMLProgressElement).value = answer.bytes / Math.max(bytes, 1)
        return
      case 'report':
        state.report = answer.report
        break
      case 'sample':
        state.sample = answer.sample
        return
      case 'problem':
        state.problem = answer
    }
    delete state.task
    state.status = 'finished'
    this.#show()
  }

  #show(): void {
    const { language, report, status, task } = this.#state
    document.documentElement.lang = language
    showTexts(language)
    this.#showFiles()
    byId('progress', HTMLElement).hidden = task === undefined
    byId('bar', HTMLProgressElement).removeAttribute('value')
    byId('status', HTMLElement).textContent = this.#statusText()
    this.#showPrinting()
    byId('done', HTMLElement).replaceChildren(...this.#doneNodes())
    const html = report === undefined ? '' : renderMain(report, language)
    byId('report', HTMLElement).replaceChildren(...nodesOf(html), ...this.#problemNodes())
    byId('result', HTMLElement).hidden = status === 'none' && this.#state.problem === undefined
  }

  #showPrinting(): void {
    const { language, report } = this.#state
    const link = byId('saveReport', HTMLAnchorElement)
    URL.revokeObjectURL(link.href)
    link.hidden = byId('print', HTMLElement).hidden = report === undefined
    const footer = new CSSStyleSheet()
    if (report !== undefined) {
      footer.replaceSync(footerRule(report, language))
      link.href = URL.createObjectURL(new Blob([reportJson(report)]))
    }
    document.adoptedStyleSheets = [footer]
  }

  #statusText(): string {
    const { language, report, status } = this.#state
    const text = CATALOGUES[language].page
    if (status === 'none') return ''
    const verdict = report === undefined ? '' : CATALOGUES[language].report.verdict[report.verdict]
    return status === 'finished' ? `${text.finished} ${verdict}` : text[status]
  }

  #showFiles(): void {
    const { done, files, language } = this.#state
    const text = CATALOGUES[language].page.files
    const rows = files.map((file) => {
      const row = element('li', `${file.name} `)
      if (done === undefined) row.append(this.#removeButton(file, text.remove))
      else row.append(saveLink(file, text.save))
      return row
    })
    const list = byId('list', HTMLElement)
    list.replaceChildren(...(rows.length === 0 ? [element('li', text.none)] : rows))
    byId('clear', HTMLElement).hidden = rows.length === 0
  }

  #removeButton(file: ChosenFile, text: string): HTMLButtonElement {
    const made = button(text, () => {
      this.#choose(this.#state.files.filter((other) => other !== file))
      byId('choose', HTMLInputElement).focus()
    })
    made.setAttribute('aria-label', `${text} ${file.name}`)
    return made
  }

  #doneNodes(): readonly Node[] {
    const { done, language, report } = this.#state
    if (done === undefined) return []
    const text = CATALOGUES[language].page
    const failed = report?.findings.filter(({ severity }) => severity === 'fail') ?? []
    return [
      element('h2', text.done.heading),
      element('p', text.done[done]),
      ...failed.map((finding) => element('p', foundText(finding, language))),
    ]
  }

  #problemNodes(): readonly Node[] {
    const { language, problem } = this.#state
    if (problem === undefined) return []
    const text = CATALOGUES[language].page.problem
    const heading = element('p', text.heading)
    heading.className = 'verdict could-not'
    return [heading, element('p', `${text[problem.problem]} ${problem.detail}`)]
  }
}

/** A plain sentence: what was found, against whom, and how strong it is. */
function foundText({ code, level, party }: Finding, language: Language): string {
  const { page, report } = CATALOGUES[language]
  return `${page.found} ${findingText(code, language)} ${page.against} ${party} (${report.levels[level]}).`
}

function saveLink({ name, blob }: ChosenFile, text: string): HTMLAnchorElement {
  const link = element('a', `${text} ${name}`)
  link.download = name
  link.href = URL.createObjectURL(blob)
  return link
}

/** Every text that does not change but for the language, into the element that names it. */
function showTexts(language: Language): void {
  const texts: unknown = CATALOGUES[language].page
  for (const place of document.querySelectorAll<HTMLElement>('[data-text]')) {
    place.textContent = textAt(texts, place.dataset['text'] ?? '')
  }
  for (const other of ['en', 'fr'] as const) {
    byId(other, HTMLElement).setAttribute('aria-pressed', String(other === language))
  }
  document.title = CATALOGUES[language].page.title
}

function textAt(texts: unknown, path: string): string {
  let found = texts
  for (const name of path.split('.')) {
    found =
      typeof found === 'object' && found !== null ? new Map(Object.entries(found)).get(name) : ''
  }
  return typeof found === 'string' ? found : ''
}

/** Seconds since 1970. */
function now(): number {
  return Math.floor(new Date().getTime() / 1000)
}
