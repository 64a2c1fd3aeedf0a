using System.Text;
using DocIngest.Pipeline.Extraction.Layers;

namespace DocIngest.Pipeline.Tests.Extraction.Layers;

public sealed class TextLegibilityTests
{
    private const string English = "The patient was admitted with chest pain and shortness of breath. She denies fever, and her blood pressure was taken twice in the morning.";

    public static TheoryData<string> Texts =>
    [
        English,
        English.ToUpperInvariant(),
        "Der Patient wurde mit Brustschmerzen aufgenommen; die Laborwerte waren unauffällig, Rückfragen bitte an die Station für Innere Medizin.",
        "Le patient a été admis pour une douleur thoracique évoluant depuis deux jours, sans fièvre ni signe de défaillance cardiaque.",
        "El paciente ingresó con dolor torácico y disnea; la exploración neurológica no mostró déficits y la tensión arterial era normal.",
        "Patienten inkom med bröstsmärta och andnöd sedan två dagar, blodtrycket var förhöjt och behandling påbörjades på avdelningen.",
        "Pacjent został przyjęty z bólem w klatce piersiowej i dusznością, ciśnienie tętnicze było podwyższone.",
        "Potilas saapui päivystykseen rintakivun vuoksi, verenpaine oli koholla ja lääkitys aloitettiin osastolla.",
        "A beteg mellkasi fájdalommal és nehézlégzéssel érkezett, vérnyomása emelkedett volt.",
        "Пациент поступил в стационар с жалобами на боли в груди и одышку.",
        "Ο ασθενής προσήλθε με θωρακικό άλγος και δύσπνοια από διημέρου.",
        "المريض يعاني من ألم في الصدر وضيق في التنفس منذ يومين",
        "患者は胸痛を訴えて来院した。血圧は130/80で、採血を行った。",
        "환자는 가슴 통증과 호흡 곤란으로 내원하였다. 혈압 130/80",
        "WBC 7.2 RBC 4.51 HGB 13.8 HCT 41.2 MCV 91.4 MCH 30.6 MCHC 33.5 RDW 12.9 PLT 245\nNA 139 K 4.1 CL 103 CO2 26 BUN 14 CR 0.9 GLU 98 CA 9.4",
        "E11.9 I10 J44.1 N18.3 Z79.4 M54.5 K21.9 F32.9 E78.5 I25.10\nE03.9 G47.33 D64.9 R07.9",
        "Levothyroxine Methotrexate Hydroxychloroquine Empagliflozin Sitagliptin Rivaroxaban Ticagrelor Atorvastatin Pembrolizumab Ustekinumab",
        "AMOXICILLIN 500MG CAP 1 CAP PO TID X10D DISP #30 RF0\nHYDROCHLOROTHIAZIDE 25MG TAB 1 TAB PO QD",
        "NKDA PMH HTN DM2 CAD s/p CABG COPD GERD BPH CKD III. BP 132/78 HR 72 RR 16. HEENT NCAT PERRL EOMI. CTAB. RRR no MRG.",
        "NAME: ____________  DOB: __/__/____  SEX: [ ] M [ ] F\nDIAGNOSIS ............................ 17",
        "john.doe@example.org, a.b-c@mail.co.uk, https://www.example.com/x/y?z=1 GTIN 04012345678901 LOT AB12C",
        "12,345.67 8,901.23 45.00 1.20\n2019 2020 2021 2022\n3.1% 4.5% -2.2%",
        "Page 3 of 7",
        "",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public void What_people_write_is_no_junk(string text) => Assert.True(TextLegibility.JunkLogit(text) < -0.5, $"{TextLegibility.JunkLogit(text)}");

    [Theory]
    [InlineData("Wkh sdwlhqw zdv dgplwwhg zlwk fkhvw sdlq dqg vkruwqhvv ri euhdwk. Vkh ghqlhv ihyhu, dqg khu eorrg suhvvxuh zdv wdnhq.")]   // letters shifted by a font
    [InlineData("Teh tapinet aws tdmaited ithw shtec apin nad sohrtnses fo rbetah. Hes edines reevf, dan ehr doolb rprseuse aws tkaen etciw ni hte mrinogn.")]
    [InlineData("Th« pat|~nt wa; adm1lt~d w!th ch|$t p^i|i and $h0rtn~s; 0f br~a|h. 5h« d~n|es f~v«r, |nd h3r b|0od pr{ss|_ire w;s t^k«n")]   // bad recognition
    [InlineData("T h e p a t i e n t w a s a d m i t t e d w i t h c h e s t p a i n a n d s h o r t n e s s")]
    [InlineData("䴀甀氀琀椀挀漀氀漀爀 䈀氀愀挀欀 倀甀爀攀 䈀氀愀挀欀 倀甀爀攀 䴀愀最攀渀琀愀")]   // two-byte text read the wrong way round
    [InlineData("૽⤧⠙⿿ㅢ⠧䚻ᄯᓤტຖ”ંઑᅄເᚒⲰ䚡૽ເ㦯ᴋ✭។㇉⨫位㡇ᤖ༬⧉⥶㓳位ᡆ Ո緡ኞᘒᛔኧ牪ࣁ疧瑥݊稗ڥӤ璂ݱଘᒵ牦")]   // numbers of glyphs as characters
    public void What_nobody_writes_is_junk(string text) => Assert.True(TextLegibility.IsJunk(text), $"{TextLegibility.JunkLogit(text)}");

    [Fact]
    public void Letters_by_the_number_of_their_glyphs_are_junk() =>
        Assert.True(TextLegibility.IsJunk(string.Concat(English.Select(letter => letter > ' ' ? (char)(letter - 29) : letter))));

    [Fact]
    public void Private_characters_are_junk() =>
        Assert.True(TextLegibility.IsJunk(string.Concat(English.Select(letter => letter > ' ' ? (char)(0xF000 + letter) : letter))));

    [Fact]
    public void Text_in_a_wrong_encoding_is_junk() => Assert.True(TextLegibility.IsJunk(
        Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("Für die Überweisung der Gebühren wäre uns Ihr baldiger Rückruf über die Büronummer nützlich; für übrige Fragen hätten wir täglich geöffnet."))));

    [Fact]
    public void A_hundred_thousand_characters_take_no_time()
    {
        string text = string.Concat(Enumerable.Repeat(English, 700));
        long started = TimeProvider.System.GetTimestamp();
        TextLegibility.JunkLogit(text);
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(1));
    }
}
