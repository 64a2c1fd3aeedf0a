using System.CommandLine;
using System.Text;
using DocIngest.Worker.Recovering;

namespace DocIngest.Worker.CommandLine.Recovery;

/// <summary><c>recovery-kit</c>: one page for a sealed envelope.</summary>
internal static class RecoveryKitCommand
{
    public static Command Create(CommandFactory commands)
    {
        var file = new Option<string?>("-o", "--output") { Description = "Write to this file instead of standard output; never over an existing one.", HelpName = "FILE" };
        return commands.Create(
            "recovery-kit", "Print what is needed to recover without this machine, for a sealed envelope: where backups are, which keys, and how. No secret is in it.",
            context => RunAsync(context, context.Get(file)), file);
    }

    private static async Task<int> RunAsync(CommandContext context, string? file)
    {
        using var workspace = context.OpenExisting();
        var kit = await RecoveryKit.GatherAsync(workspace, context.Cancellation);
        if (file is not null)
        {
            await ResultFile.WriteAsync(workspace, file, target => target.WriteAsync(Encoding.UTF8.GetBytes(PageOf(kit)), context.Cancellation).AsTask(), context.Cancellation);
            context.Output.Remark($"Print {file}, and put it into the envelope with a password, or with the escrow and the name of who can open it.");
        }
        else
        {
            context.Output.Result(kit, words => words.Write(PageOf(kit)));
        }

        return kit.Repositories.Any(repository => !repository.IsInDataFolder) && kit.Repositories.All(repository => repository.Problem is null) ? ExitCode.Done : ExitCode.Partial;
    }

    private static string PageOf(RecoveryKit kit)
    {
        string repository = kit.Repositories is [var first, ..] ? first.Location : "REPOSITORY";
        var page = new StringBuilder();
        page.AppendLine(
            $"""
            RECOVERY OF DOCINGEST                                  {kit.Made:yyyy-MM-dd HH:mm} UTC
            {(kit.Organisation.Length == 0 ? "" : kit.Organisation + ", ")}machine {kit.Machine}, data folder {kit.DataPath}

            Make this page anew after each change of repositories, passwords or keys.
            In the envelope with it: [ ] a password   [ ] the sealed key (escrow)   [ ] both

            1. WHERE THE BACKUPS ARE
            """);
        foreach (var one in kit.Repositories)
        {
            page.AppendLine($"   {one.Location}");
            page.AppendLine(one.Id is null ? $"      COULD NOT BE OPENED WHEN THIS PAGE WAS MADE: {TerminalText.OneLine(one.Problem)}" : $"      repository {one.Id}");
            if (one.IsInDataFolder)
            {
                page.AppendLine("      ON THE SAME MACHINE: IT IS LOST WITH IT. Back up to another place.");
            }

            foreach (string key in one.Keys)
            {
                page.AppendLine($"      password {key}");
            }
        }

        if (kit.Repositories.Count == 0)
        {
            page.AppendLine("   NOWHERE: no backup was ever made.");
        }

        page.AppendLine().AppendLine("2. WHO HOLDS A SEALED KEY (ESCROW)");
        foreach (var escrow in kit.Escrows ?? [])
        {
            page.AppendLine($"   {TerminalText.OneLine(escrow.Subject)}, sealed {escrow.MadeAt:yyyy-MM-dd} by {escrow.MadeBy}, repository {escrow.RepositoryId[..Math.Min(8, escrow.RepositoryId.Length)]}");
            page.AppendLine($"      certificate sha256 {escrow.Fingerprint}");
        }

        page.AppendLine(kit.Escrows switch
        {
            null => "   The account that made this page may not know. Make it as the account of the service.",
            [] => "   NOBODY. Without a password from elsewhere the backups cannot be opened.",
            _ => "   They open it: openssl cms -decrypt -inkey owner.key -in escrow.p7m -out master-key.json",
        });
        page.AppendLine(
            $"""

            3. KEYS THAT SIGN, SHA-256 OF THEIR CERTIFICATES
               reports        {kit.ReportKey ?? "none yet"}
               days of audit  {kit.AuditKey ?? "none yet"}
               They are not in backups. A recovery draws new ones, and says so.

            4. THE PROGRAM
               docingest {kit.Version}; any later version does as well
            """);
        foreach (var file in kit.Files)
        {
            page.AppendLine($"   {file.Path}\n      sha256 {file.Sha256}");
        }

        page.AppendLine(
            $"""

            5. TO RECOVER, ON ANY MACHINE (docs/operations/recovery.md has every step)
               docingest recover --repo {repository} --password-file password.txt --target /srv/docingest
               With the sealed key instead of a password: --escrow-key master-key.json
               It says what to do next. Stopped or killed, the same command goes on.
               As soon as it says so, single records:
               docingest --data /srv/docingest get ID -o record.pdf

            6. TO RECOVER WITHOUT THIS PROGRAM, WITH RESTIC (0.14 OR LATER)
               restic -r {repository} --password-file password.txt restore latest --path {Path.Combine(kit.DataPath, "archive")} --target /srv/restored
               restic -r {repository} --password-file password.txt restore latest --tag destruction-ledger --target /srv/restored
               Each record is a folder below /srv/restored{kit.DataPath}/archive; the document is original.* in it (OCFL 1.1, ocfl.io).
               Ids in /srv/restored{kit.DataPath}/destruction (d-*.done.json) were destroyed: do not use those records.
               Then, with this program again:
               mv /srv/restored{kit.DataPath} /srv/docingest
               docingest archive validate /srv/docingest/archive
               docingest --data /srv/docingest catalog rebuild
               docingest --data /srv/docingest retention replay --trust-ledger
            """);
        return page.ToString();
    }
}
