/**
 * The interface texts, one file an area and language under `locales/`, keys equal on both sides.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#words
 */
import enActs from '../locales/en/acts.json' with { type: 'json' }
import enCli from '../locales/en/cli.json' with { type: 'json' }
import enCustody from '../locales/en/custody.json' with { type: 'json' }
import enDemo from '../locales/en/demo.json' with { type: 'json' }
import enFindings from '../locales/en/findings.json' with { type: 'json' }
import enInspect from '../locales/en/inspect.json' with { type: 'json' }
import enPage from '../locales/en/page.json' with { type: 'json' }
import enReferral from '../locales/en/referral.json' with { type: 'json' }
import enReport from '../locales/en/report.json' with { type: 'json' }
import enRights from '../locales/en/rights.json' with { type: 'json' }
import frActs from '../locales/fr/acts.json' with { type: 'json' }
import frCli from '../locales/fr/cli.json' with { type: 'json' }
import frCustody from '../locales/fr/custody.json' with { type: 'json' }
import frDemo from '../locales/fr/demo.json' with { type: 'json' }
import frFindings from '../locales/fr/findings.json' with { type: 'json' }
import frInspect from '../locales/fr/inspect.json' with { type: 'json' }
import frPage from '../locales/fr/page.json' with { type: 'json' }
import frReferral from '../locales/fr/referral.json' with { type: 'json' }
import frReport from '../locales/fr/report.json' with { type: 'json' }
import frRights from '../locales/fr/rights.json' with { type: 'json' }

/** Languages that screens and reports are complete in. */
export type Language = 'en' | 'fr'

/** Namespaces of texts by language, as i18next takes them. */
export const CATALOGUES = {
  en: {
    acts: enActs,
    cli: enCli,
    custody: enCustody,
    demo: enDemo,
    findings: enFindings,
    inspect: enInspect,
    page: enPage,
    referral: enReferral,
    report: enReport,
    rights: enRights,
  },
  fr: {
    acts: frActs,
    cli: frCli,
    custody: frCustody,
    demo: frDemo,
    findings: frFindings,
    inspect: frInspect,
    page: frPage,
    referral: frReferral,
    report: frReport,
    rights: frRights,
  },
} as const
