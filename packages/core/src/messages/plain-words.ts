/**
 * Words that say nothing of who somebody is when they stand alone, though they stand in what is given as a name: kinship,
 * forms of address, small words, in English, French and Hausa, folded.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#free-texts
 */

const WORDS = `
a about above after all also an and any are aunt aunts baby been before below big boy brother but by called case child children cousin
daughter did doctor does driver each elder father female first for friend from girl guardian had has have her here him his
house husband imam into invented its known lady later left little madam male man married men miss mister mother mrs name
named neighbour nephew niece nobody none not nurse of off officer old on one or other our out over owner parent parents
partner person pastor people police recruiter said second she shelter sister small some somebody son stepfather stepmother
test that the their them there these they this those through to trafficker uncle unknown until very victim was were when
where which who whom whose wife with without woman women young younger
ainee aine ami amie ancien ancienne au aucun aucune aux avec avant cas ce cette ces chef cousine dans de des du elle elles en
enfant enfants entre est et etait femme femmes fille filles fils frere garcon grand grande homme hommes inconnu inconnue je
jeune la le les leur leurs madame maitre mari mere monsieur ne neveu niece nom non nous ou oncle par parente pas pere petit
petite plus pour pres proche que qui recruteur sa sans se ses soeur son sous sur tante tous tout toute trafiquant tuteur
tutrice un une victime voisin voisine vous
alhaji babban baba cikin da dan dan'uwa domin gida hajiya ita kanne karamar karamin kawu kuma lokacin mace mai malam malama
mama mata matar mutum mutumin na namiji shi ta tare tsohon tsohuwa uba uwa wata wani yar yarinya yaro
`

/** Folded words that are no finding by themselves. */
export const ALONE_NOTHING: ReadonlySet<string> = new Set(
  WORDS.split(/\s+/).filter((word) => word !== ''),
)
