using System.CommandLine;
using System.Globalization;
using System.Text;
using DocIngest.Archive;
using DocIngest.Assurance.Reports;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>signing-key create|show|rotate|export</c>: the key that signs reports.</summary>
internal static class SigningKeyCommands
{
    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "signing-key", "The key that signs reports.",
        commands.Create("create", "Draw the key, where there is none yet, and show it.", context => ChangeAsync(context, async key =>
        {
            using var signer = await key.OpenAsync(context.Cancellation);
            return key.Statements()[^1];
        })),
        commands.Create("show", "Show the fingerprint of the key in force, and of all before it.", ShowAsync),
        commands.Create("rotate", "Put another key in its place, by its signature.", context => ChangeAsync(context, key => key.RotateAsync(context.Cancellation))),
        CreateExport(commands));

    private static Command CreateExport(CommandFactory commands)
    {
        var number = new Argument<int>("N") { Description = "The number of the key." };
        var folder = new Option<string>("-o", "--output") { Description = "The folder to write; must not be there yet.", HelpName = "FOLDER", Required = true };
        return commands.Create(
            "export", "Write the statement on a key, for whoever checks without this program that the former one handed over to it.",
            context => ExportAsync(context, context.Get(number), TypedPath.Absolute(context.Get(folder) ?? "", "--output")), number, folder);
    }

    private static async Task<int> ChangeAsync(CommandContext context, Func<ReportKey, Task<KeyStatement>> change)
    {
        using var workspace = context.OpenExisting();
        var archive = await workspace.OpenOrCreateArchiveAsync(context.Cancellation);
        var statement = await change(KeyOf(workspace, archive));
        context.Output.Result(Shown(statement), words =>
        {
            words.WriteLine($"Key {statement.Number} signs reports from now on. The SHA-256 of its certificate, for auditors, on paper:");
            words.WriteLine(statement.Sha256);
        });
        return ExitCode.Done;
    }

    private static Task<int> ShowAsync(CommandContext context)
    {
        using var workspace = context.OpenExisting();
        var statements = KeyOf(workspace, workspace.OpenArchive()).Statements();
        if (statements.Count == 0)
        {
            throw new CommandException(ExitCode.NotFound, "There is no key yet: 'docingest signing-key create' draws it, or the first drill.");
        }

        foreach (var statement in statements.Reverse())
        {
            context.Output.Item(Shown(statement), words => words.WriteLine(
                $"key {statement.Number}  {statement.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}  {statement.Way,-9}  {statement.Sha256}"));
        }

        return Task.FromResult(ExitCode.Done);
    }

    private static async Task<int> ExportAsync(CommandContext context, int number, string folder)
    {
        using var workspace = context.OpenExisting();
        var key = KeyOf(workspace, workspace.OpenArchive());
        var statements = key.Statements();
        if (key.FilesOf(number) is not var (statement, signature))
        {
            throw new CommandException(ExitCode.NotFound, $"There is no key {number}.");
        }

        if (Path.Exists(folder))
        {
            throw new CommandException(ExitCode.Usage, $"{folder} is there already.");
        }

        Directory.CreateDirectory(folder);
        var of = statements[number - 1];
        var signer = of.Way == KeyStatement.Rotated ? statements[number - 2] : of;
        string name = $"key-{number}.json";
        await WriteAsync(name, statement);
        await WriteAsync(name + ".p7s", signature);
        await WriteAsync($"key-{number}.pem", Encoding.ASCII.GetBytes(of.Certificate));
        await WriteAsync($"key-{signer.Number}.pem", Encoding.ASCII.GetBytes(signer.Certificate));
        await WriteAsync("VERIFY.txt", Encoding.ASCII.GetBytes(string.Join('\n', WordsOf(name, of, signer))));
        return ExitCode.Done;

        Task WriteAsync(string file, byte[] bytes) => File.WriteAllBytesAsync(Path.Combine(folder, file), bytes, context.Cancellation);
    }

    private static IEnumerable<string> WordsOf(string name, KeyStatement of, KeyStatement signer) =>
    [
        of.Way switch
        {
            KeyStatement.Rotated => $"Key {signer.Number} says that key {of.Number} signs reports from now on. Compare the first fingerprint with the one you were given:",
            KeyStatement.First => "The first key. Nothing but the fingerprint that you were given on paper says that it is the right one:",
            _ => "The key before this one was gone. THE SIGNATURE PROVES NOTHING: ask for the fingerprint, and why there is another key.",
        },
        $"    openssl x509 -in key-{signer.Number}.pem -noout -fingerprint -sha256",
        $"    openssl cms -verify -binary -noverify -nointern -certfile key-{signer.Number}.pem -inform DER -in {name}.p7s -content {name} -out /dev/null",
        "The certificate of the new key stands in the statement, and in this file; both have this fingerprint:",
        $"    openssl x509 -in key-{of.Number}.pem -noout -fingerprint -sha256",
        "",
    ];

    private static ReportKey KeyOf(Workspace workspace, IArchive archive) =>
        new(workspace.SystemObjectsOf(archive), workspace.Data, workspace.OpenKeys, workspace.Audit, workspace.Locks, workspace.Time);

    private static object Shown(KeyStatement statement) => new { statement.Number, statement.Way, statement.Sha256, statement.FormerSha256, statement.Time };
}
