using System.Globalization;

namespace DocIngest.Pipeline.Records;

/// <summary>The form in which letters are compared: lower case, without diacritics, as FTS5's <c>unicode61 remove_diacritics 2</c> has it.</summary>
/// <remarks>A table of our own, because invariant globalization carries no normalization.</remarks>
internal static class LetterForms
{
    /// <summary>Stands for what is neither letter nor digit.</summary>
    public const char None = '\0';

    /// <summary>Stands for a mark over or under the letter before it.</summary>
    public const char Diacritic = '\u0001';

    // Letter, its folded form, letter, its folded form …: those that lower case alone does not fold.
    private const string Folds =
        "µμÀaÁaÂaÃaÄaÅaÇcÈeÉeÊeËeÌiÍiÎiÏiÑnÒoÓoÔoÕoÖoÙuÚuÛuÜuÝyàaáaâaãaäaåaçcèeéeêeëeìiíiîiïiñnòoóoôoõoöoùuúu" +
        "ûuüuýyÿyĀaāaĂaăaĄaąaĆcćcĈcĉcĊcċcČcčcĎdďdĒeēeĔeĕeĖeėeĘeęeĚeěeĜgĝgĞgğgĠgġgĢgģgĤhĥhĨiĩiĪiīiĬiĭiĮiįiİiĴj" +
        "ĵjĶkķkĹlĺlĻlļlĽlľlŃnńnŅnņnŇnňnŌoōoŎoŏoŐoőoŔrŕrŖrŗrŘrřrŚsśsŜsŝsŞsşsŠsšsŢtţtŤtťtŨuũuŪuūuŬuŭuŮuůuŰuűuŲu" +
        "ųuŴwŵwŶyŷyŸyŹzźzŻzżzŽzžzſsƠoơoƯuưuǍaǎaǏiǐiǑoǒoǓuǔuǕuǖuǗuǘuǙuǚuǛuǜuǞaǟaǦgǧgǨkǩkǪoǫoǬoǭoǰjǴgǵgǸnǹnǺaǻa" +
        "ȀaȁaȂaȃaȄeȅeȆeȇeȈiȉiȊiȋiȌoȍoȎoȏoȐrȑrȒrȓrȔuȕuȖuȗuȘsșsȚtțtȞhȟhȦaȧaȨeȩeȪoȫoȬoȭoȮoȯoȰoȱoȲyȳyςσϐβϑθϕφϖπϰκ" +
        "ϱρϵεḀaḁaḂbḃbḄbḅbḆbḇbḈcḉcḊdḋdḌdḍdḎdḏdḐdḑdḒdḓdḔeḕeḖeḗeḘeḙeḚeḛeḜeḝeḞfḟfḠgḡgḢhḣhḤhḥhḦhḧhḨhḩhḪhḫhḬiḭiḮiḯi" +
        "ḰkḱkḲkḳkḴkḵkḶlḷlḸlḹlḺlḻlḼlḽlḾmḿmṀmṁmṂmṃmṄnṅnṆnṇnṈnṉnṊnṋnṌoṍoṎoṏoṐoṑoṒoṓoṔpṕpṖpṗpṘrṙrṚrṛrṜrṝrṞrṟrṠsṡs" +
        "ṢsṣsṤsṥsṦsṧsṨsṩsṪtṫtṬtṭtṮtṯtṰtṱtṲuṳuṴuṵuṶuṷuṸuṹuṺuṻuṼvṽvṾvṿvẀwẁwẂwẃwẄwẅwẆwẇwẈwẉwẊxẋxẌxẍxẎyẏyẐzẑzẒzẓz" +
        "ẔzẕzẖhẗtẘwẙyẛsẠaạaẢaảaẤaấaẦaầaẨaẩaẪaẫaẬaậaẮaắaẰaằaẲaẳaẴaẵaẶaặaẸeẹeẺeẻeẼeẽeẾeếeỀeềeỂeểeỄeễeỆeệeỈiỉiỊi" +
        "ịiỌoọoỎoỏoỐoốoỒoồoỔoổoỖoỗoỘoộoỚoớoỜoờoỞoởoỠoỡoỢoợoỤuụuỦuủuỨuứuỪuừuỬuửuỮuữuỰuựuỲyỳyỴyỵyỶyỷyỸyỹy";

    private static readonly char[] Forms = BuildTable();

    /// <summary>The form of every UTF-16 unit.</summary>
    public static ReadOnlySpan<char> Table => Forms;

    /// <summary>The form of a letter or digit, <see cref="Diacritic"/>, or <see cref="None"/>.</summary>
    public static char Of(char unit) => Forms[unit];

    private static char[] BuildTable()
    {
        var table = new char[char.MaxValue + 1];
        for (int unit = 0; unit <= char.MaxValue; unit++)
        {
            table[unit] = char.GetUnicodeCategory((char)unit) switch
            {
                UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                    or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber
                    or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber or UnicodeCategory.PrivateUse
                    => char.ToLowerInvariant((char)unit),
                UnicodeCategory.NonSpacingMark when unit is >= 0x300 and < 0x370 => Diacritic,
                _ => None,
            };
        }

        for (int at = 0; at < Folds.Length; at += 2)
        {
            table[Folds[at]] = Folds[at + 1];
        }

        return table;
    }
}
