using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class IdentityCheckTests
{
    private const string Csv = "number,name,birthDate\n12-3456,\"Muster, Anna Maria\",1950-03-12\n777 888,Erik Beispielmann,1961-12-31\nX99,Kim Lee,\n";

    private static readonly PatientIndex Index = PatientIndex.Read(Csv, out _) ?? throw new InvalidOperationException("The index is sound.");

    private static readonly RuleSet Standard = Rules.Set(new RuleOptions
    {
        Name = "id", DocumentKey = "{encounterId}", Title = "Letter {patientId}",
        Fields = [Rules.Field("patientId", FieldType.Identifier, "Patient ID"), Rules.Field("encounterId", FieldType.Identifier, "Case")],
    });

    [Theory]
    [InlineData("Patient ID: 123456, born 12.03.1950")]
    [InlineData("Patient ID: 123456, born 03/12/1950")]
    [InlineData("Patient ID: 12-3456\nAnna Maria Muster")]
    [InlineData("Patient ID: 123456\nMUSTER, Anna-Maria")]
    [InlineData("Patient ID: 123456\nMustcr, Anna Maria")]
    [InlineData("Patient ID: X99 Lee, Kim")]
    [InlineData("Patient ID: 123456, born 12.03.1950, call 777888")]              // a number alone is no second patient
    [InlineData("Patient ID: 123456, born 12.03.1950, seen by Erik Beispielmann")]
    public void A_number_with_a_second_identifier_agrees(string text)
    {
        var found = Classify(text + "\nCase 5");
        Assert.Empty(found.Flags);
        Assert.Equal((true, "5"), (found.IsAssigned, found.DocumentKey));
        Assert.True(found.Fields.ContainsKey("patientId"));
    }

    [Theory]
    [InlineData("nobody at all", "no patient number was read")]
    [InlineData("Patient ID: 123457, born 12.03.1950", "not in the patient index")]
    [InlineData("Patient ID: 123456", "neither the name nor the birth date")]
    [InlineData("Patient ID: 123456, born 13.03.1950, Anna Muster", "neither the name nor the birth date")]
    [InlineData("Patient ID: 123456, born 12.03.1950\nsee 777 888, Beispielmann, Erik", "two patients")]
    [InlineData("Patient ID: 123456, born 12.03.1950\nPatient ID: 777888, born 31.12.1961", "two patients")]
    public void What_does_not_agree_is_assigned_to_nobody(string text, string fault)
    {
        var found = Classify(text + "\nCase 5");
        Assert.Equal(["identity-mismatch"], found.Flags);
        Assert.Contains(fault, Assert.Single(found.Notes), StringComparison.Ordinal);
        Assert.Equal((false, null, "Letter"), (found.IsAssigned, found.DocumentKey, found.Title));
        Assert.False(found.Fields.ContainsKey("patientId") || found.Evidence.ContainsKey("patientId"));
    }

    [Fact]
    public void The_second_patient_may_stand_on_another_page_or_in_a_bar_code() => Assert.False(Classifier.Classify(
        Rules.Document("Patient ID: 123456, born 12.03.1950", "Erik Beispielmann") with { BarCodes = [new BarCode(2, "CODE-128", "777888")] }).IsAssigned);

    [Fact]
    public void What_is_nobodys_has_no_case_either_unless_a_person_said_it()
    {
        var document = Rules.Document("Patient ID: 123456, born 12.03.1950\nPatient ID: 777888, born 31.12.1961\nCase 5\nVisit 9");
        var rules = Rules.Set(new RuleOptions
        {
            Name = "id",
            Fields = [Rules.Field("patientId", FieldType.Identifier, "Patient ID"), Rules.Field("encounterId", FieldType.Identifier, "Case"), Rules.Field("visit", FieldType.Identifier, "Visit"), Rules.Field("other", FieldType.Identifier, "Case")],
        });
        var classifier = new Classifier(rules, LanguageDetector.None, TimeProvider.System, new Dictionary<string, PatientIndex> { ["default"] = Index }, ["visit"]);
        var found = classifier.Classify(document with { Sidecar = new Sidecar(null, null, new Dictionary<string, string> { ["encounterId"] = "5" }, null) });
        Assert.Equal(["other"], found.Fields.Keys);
        Assert.Equal(["other"], found.Evidence.Keys);
        found = classifier.Classify(document with { Person = new PersonsWord(new Dictionary<string, string> { ["encounterId"] = "6" }, null, null) });
        Assert.Equal(["encounterId", "other"], found.Fields.Keys);
    }

    [Theory]
    [InlineData("Patient: Erik Beispielmann\nDate of birth: 31.12.1961")]                      // no number
    [InlineData("Beispielmann, Erik, born 31 December 1961, Patient ID: 77788B")]              // one digit misread
    [InlineData("Patient: Erik Beispielmamn\nDate of birth: 12/31/61\nPatient ID: 123456")]    // the name, too
    public void A_sheet_of_another_patient_is_known_by_name_and_birth_date(string second)
    {
        var found = Classifier.Classify(Rules.Document("Patient ID: 123456, Anna Maria Muster, born 12.03.1950", second));
        Assert.Equal((false, "identity-mismatch"), (found.IsAssigned, Assert.Single(found.Flags)));
        Assert.Contains("two patients", Assert.Single(found.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Erik Beispielmann", "31.12.1961")]                                            // on two pages: no evidence
    [InlineData("Appointment on 31.12.1961", "")]
    [InlineData("Erika Beispielmann, 31.12.1961", "")]
    [InlineData("Anna Maria Muster, Anna Muster, born 12.03.1950", "")]                        // two lines of the index, one person
    public void Neither_a_date_alone_nor_a_name_alone_is_another_patient(string second, string third)
    {
        var index = Assert.IsType<PatientIndex>(PatientIndex.Read($"{Csv}5000,Anna Muster,1950-03-12\n", out _));
        Assert.True(For(index).Classify(Rules.Document("Patient ID: 123456, Anna Maria Muster, born 12.03.1950", second, third)).IsAssigned);
    }

    [Theory]
    [InlineData("Christina Beispiel, born 5 May 1980", true)]
    [InlineData("Christine Beispiel, born 5 May 1980", false)]
    public void Twins_whose_names_differ_by_a_letter_are_told_apart(string second, bool isAssigned)
    {
        var index = Assert.IsType<PatientIndex>(PatientIndex.Read("number,name,birthDate\n4001,Christina Beispiel,1980-05-05\n4002,Christine Beispiel,1980-05-05\n", out _));
        Assert.Equal(isAssigned, For(index).Classify(Rules.Document("Patient ID: 4001, Christina Beispiel, born 5 May 1980", second)).IsAssigned);
    }

    [Fact]
    public void A_large_index_with_many_on_one_birth_date_costs_a_page_little()
    {
        // Where a birth date is not known, registries write the first of January: a hundred thousand patients, a tenth of them then.
        string lines = string.Concat(Enumerable.Range(0, 100_000).Select(at => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{200_000 + at},Vorname{Letters(at % 300)} Nachname{Letters(at / 300)},{(at % 10 == 0 ? new DateOnly(1970, 1, 1) : new DateOnly(1930, 1, 1).AddDays(at % 30_000)):yyyy-MM-dd}\n")));
        var index = Assert.IsType<PatientIndex>(PatientIndex.Read("number,name,birthDate\n4001,Anna Muster,1950-03-12\n" + lines, out _));
        string page = "Anna Muster, Patient ID: 4001, born 12.03.1950, since 01.01.1970\n" + string.Concat(Enumerable.Repeat("The patient was seen today without complaints. ", 60));
        var found = For(index).Classify(Rules.Document([.. Enumerable.Repeat(page, 10)]));
        Assert.True(found.IsAssigned, string.Join(' ', found.Notes));   // ten seconds, and it would be nobody's

        static string Letters(int number) => string.Concat(number.ToString("000", System.Globalization.CultureInfo.InvariantCulture).Select(digit => (char)('a' + digit - '0')));
    }

    [Fact]
    public void A_profile_without_index_checks_nothing() =>
        Assert.True(Classifier.Classify(Rules.Document("Patient ID: 1") with { Profile = "ward" }).IsAssigned);

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("Anna,12.03.1950,7", "no column \"number\"")]
    [InlineData("number,name\n1,x", "no column \"birthDate\"")]
    [InlineData("number,name,birthDate\n1,Anna", "line 2 has too few columns")]
    [InlineData("number,name,birthDate\n,Anna,1950-03-12", "line 2 has no number")]
    [InlineData("number,name,birthDate\n1,Anna,12.03.1950", "line 2 has a birth date that is no day")]
    [InlineData("number,name,birthDate\n1,,", "neither name nor birth date")]
    [InlineData("number,name,birthDate\n1-2,Anna,\n12,Anna,", "line 3 has a number that an earlier line has already")]
    public void Faults_of_an_index_say_where_and_nothing_of_a_patient(string csv, string fault)
    {
        Assert.Null(PatientIndex.Read(csv, out var faults));
        Assert.Contains(faults, found => found.Contains(fault, StringComparison.Ordinal));
        Assert.DoesNotContain(faults, found => found.Contains("Anna", StringComparison.Ordinal) || found.Contains("12.03", StringComparison.Ordinal));
    }

    private static Classifier Classifier { get; } = For(Index);

    private static Classifier For(PatientIndex index) =>
        new(Standard, LanguageDetector.None, TimeProvider.System, new Dictionary<string, PatientIndex> { ["default"] = index });

    private static DocumentClass Classify(string text) => Classifier.Classify(Rules.Document(text));
}
