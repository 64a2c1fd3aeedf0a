using System.ComponentModel;
using System.Diagnostics;

namespace DocIngest.Pipeline.Extraction.Child;

/// <summary>Tries, from inside a cell, what an attacker who has captured a parser would try.</summary>
internal static class ConfinementProbe
{
    /// <summary>Tries everything once. Leaves nothing behind that it could create.</summary>
    public static ProbeFindings Try(WorkerArguments arguments, WorkerCell cell)
    {
        string? given = arguments.ReadableFolders.Count > 0 ? arguments.ReadableFolders[0] : null;
        var beyondFiles = cell.Probe(arguments.ForbiddenFile);
        return new ProbeFindings(
            cell.Confinement,
            cell.Enforced,
            CanReadGiven: given is not null && Can(() => List(given)),
            CanReadForbidden: arguments.ForbiddenFile is { } file && Can(() => File.OpenRead(file).Dispose()),
            CanListForbidden: arguments.ForbiddenFile is { } listed && Can(() => List(Path.GetDirectoryName(listed) ?? listed)),
            CanTruncateForbidden: beyondFiles.CanTruncate,
            CanWriteGiven: given is not null && CanWrite(given),
            CanWriteTemporary: CanWrite(OperatingSystem.IsWindows() ? Environment.SystemDirectory : "/tmp"),
            beyondFiles.CanOpenSocket,
            CanStartProgram: Can(() => StartAndWait(cell.HarmlessProgram)),
            beyondFiles.CanSignalParent,
            beyondFiles.CanLeaveGroup,
            CanDumpCore: !cell.Enforced.Contains("no-core"));
    }

    private static bool CanWrite(string folder) => Can(() =>
    {
        string file = Path.Combine(folder, $".docingest-probe-{Environment.ProcessId}");
        new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose).Dispose();
    });

    private static void List(string folder) => _ = Directory.GetFileSystemEntries(folder);

    private static void StartAndWait(string program)
    {
        using var started = Process.Start(
            new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true });
        started?.WaitForExit();
    }

    private static bool Can(Action attempt)
    {
        try
        {
            attempt();
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Win32Exception)
        {
            return false;
        }
    }
}
