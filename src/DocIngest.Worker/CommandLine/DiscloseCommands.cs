using System.CommandLine;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Disclosures;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Records;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>disclose</c>: hands records out to somebody outside, and accounts for it; <c>disclosure list</c>.</summary>
internal static class DiscloseCommands
{
    private const string SumsFile = "SHA512SUMS";
    private const int FirstYear = 2000;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command CreateDisclose(CommandFactory commands)
    {
        var ids = new Argument<string[]>("ID") { Description = "Record ids.", Arity = ArgumentArity.OneOrMore };
        var to = new Option<string?>("--to") { Description = "Whom they are for; - reads it from standard input.", HelpName = "WHO", Required = true };
        var purpose = new Option<string>("--purpose") { Description = $"What for: {string.Join(", ", AuditPurpose.All)}.", HelpName = "P", Required = true };
        purpose.AcceptOnlyFromAmong([.. AuditPurpose.All]);
        var file = new Option<string>("-o", "--output") { Description = "The ZIP file to write; never over an existing one.", HelpName = "ZIP", Required = true };
        return commands.Create(
            "disclose", "Hand records out: their originals and searchable renditions as a ZIP. Who got what is kept in the archive.",
            async context =>
            {
                string recipient = await PersonsDecision.WordsOfAsync(context, to) ?? throw new CommandException(ExitCode.Usage, "Say whom they are for, with --to.");
                using var workspace = context.OpenExisting();
                var archive = await workspace.OpenOrCreateArchiveAsync(context.Cancellation);
                var found = (context.Get(ids) ?? []).Select(RecordCommands.ParseId).Distinct().Select(id => (Id: id, Object: archive.Find(id.ToString()) ?? throw RecordCommands.NotFound(id))).ToList();
                DemandInUse(workspace, found.Select(one => one.Id));
                var files = found.Select(one => (one.Object, Files: FilesOf(one.Object), Record: Describe(one.Id, one.Object))).ToList();
                Disclosure? noted = null;
                await ResultFile.WriteAsync(
                    workspace, context.Get(file) ?? "",
                    async target =>
                    {
                        // Noted before any byte is written, and after it is known that the file can be made.
                        noted = await new DisclosureRegister(workspace.SystemObjectsOf(archive), workspace.Actor, workspace.Time)
                            .NoteAsync(recipient, context.Get(purpose) ?? "", [.. files.Select(one => one.Record)], context.Cancellation);
                        await RecordAsync(workspace, noted, context.Cancellation);
                        await WriteAsync(target, archive, noted, files.Select(one => (one.Object, one.Files, one.Record)), context.Cancellation);
                    },
                    context.Cancellation);
                Print(context.Output, noted!);   // written: it was noted
                return ExitCode.Done;
            },
            ids, to, purpose, file);
    }

    public static Command CreateList(CommandFactory commands)
    {
        var year = new Option<int?>("--year") { Description = "Only of this year. Default: all.", HelpName = "Y" };
        var record = new Option<string?>("--record") { Description = "Only with this record.", HelpName = "ID" };
        return CommandFactory.Group(
            "disclosure", "What was handed out.",
            commands.Create(
                "list", "List who was given which records, when and what for.",
                async context =>
                {
                    using var workspace = context.OpenExisting();
                    var register = new DisclosureRegister(workspace.SystemObjectsOf(workspace.OpenArchive()), workspace.Actor, workspace.Time);
                    var wanted = context.Get(record) is { } typed ? RecordCommands.ParseId(typed) : (RecordId?)null;
                    int last = workspace.Time.GetUtcNow().Year;
                    var years = context.Get(year) is { } one ? [one] : Enumerable.Range(FirstYear, last - FirstYear + 1);
                    var listed = years.SelectMany(register.List).Where(one => wanted is null || one.Records.Any(disclosed => disclosed.Id == wanted)).ToList();
                    foreach (var shown in listed.Chunk(AuditedActs.MostInOneEntry).DefaultIfEmpty([]))
                    {
                        AuditEntity[] entities = [.. shown.Select(disclosure => new AuditEntity(AuditEntity.Disclosure, disclosure.Id))];
                        await AuditedActs.SearchAsync(workspace, "disclosures", entities, purpose: null, context.Cancellation);
                    }

                    listed.ForEach(disclosure => Print(context.Output, disclosure));
                    context.Output.Remark($"{listed.Count:N0} disclosure(s).");
                    return ExitCode.Done;
                },
                year, record));
    }

    // Who gets a document that was filed under a wrong patient gets another's data.
    private static void DemandInUse(Workspace workspace, IEnumerable<RecordId> ids)
    {
        if (ids.Where(id => workspace.Catalog.Show(id)?.Record.Withdrawn is not null).ToList() is [var withdrawn, ..])
        {
            throw new CommandException(ExitCode.Usage, $"{withdrawn} is withdrawn. Nothing was handed out; 'reinstate' brings it back into use.");
        }
    }

    private static List<ArchivedFile> FilesOf(OcflObject found) =>
        [.. ArchivedOriginal.All(found, found.Head), .. found.FindFile(found.Head, "rendition.pdf") is { } rendition ? [rendition] : Array.Empty<ArchivedFile>()];

    private static DisclosedRecord Describe(RecordId id, OcflObject found) =>
        new(id, found.Head.Value, [.. FilesOf(found).Select(file => new DisclosedFile($"{id.ToBareString()}/{file.LogicalPath}", file.Digest.Hex))]);

    private static Task RecordAsync(Workspace workspace, Disclosure noted, CancellationToken cancellation) => AuditedActs.DisclosureAsync(
        workspace, noted.Purpose, new AuditEntity(AuditEntity.Disclosure, noted.Id),
        [.. noted.Records.Select(record => new AuditEntity(AuditEntity.Record, record.Id.ToString(), record.Version))], cancellation);

    private static async Task WriteAsync(
        Stream target, IArchive archive, Disclosure noted, IEnumerable<(OcflObject Object, List<ArchivedFile> Files, DisclosedRecord Record)> records, CancellationToken cancellation)
    {
        await using var zip = await ZipArchive.CreateAsync(target, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8, cancellation);
        var sums = new StringBuilder();
        foreach (var (found, files, record) in records)
        {
            foreach (var (file, disclosed) in files.Zip(record.Files))
            {
                await using var content = archive.OpenContent(found, found.Head, file.LogicalPath);
                await using var entry = await zip.CreateEntry(disclosed.Name, CompressionLevel.Fastest).OpenAsync(cancellation);
                await content.CopyToAsync(entry, cancellation);   // to its end: there the digest is checked
                sums.Append(CultureInfo.InvariantCulture, $"{disclosed.Sha512}  {disclosed.Name}\n");
            }
        }

        await AddAsync(zip, SumsFile, sums.ToString(), cancellation);   // 'sha512sum -c' checks it
        await AddAsync(
            zip, "manifest.json",
            JsonSerializer.Serialize(
                new { Format = "docingest-disclosure/1", Disclosure = noted.Id, noted.At, noted.Purpose, Records = noted.Records.Select(record => new { Id = record.Id.ToString(), record.Version, record.Files }) }, Indented),
            cancellation);
    }

    private static async Task AddAsync(ZipArchive zip, string name, string text, CancellationToken cancellation)
    {
        await using var entry = await zip.CreateEntry(name).OpenAsync(cancellation);
        await entry.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
    }

    private static void Print(CommandOutput output, Disclosure one) => output.Item(
        new { one.Id, one.At, one.To, one.Purpose, one.By, one.Account, Records = one.Records.Select(record => new { Id = record.Id.ToString(), record.Version, record.Files }) },
        words => words.WriteLine($"{one.Id}  {one.At:yyyy-MM-dd HH:mm}Z  {one.Records.Count:N0} record(s) to {TerminalText.OneLine(one.To)} for {one.Purpose}, by {TerminalText.OneLine(one.By)}"));
}
