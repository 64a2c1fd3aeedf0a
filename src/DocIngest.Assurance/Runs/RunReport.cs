using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DocIngest.Archive;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Sources;
using DocIngest.Backup;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Runs;
using DocIngest.Storage;

namespace DocIngest.Assurance.Runs;

/// <summary>What a run has found so far, and the report that comes of it, whatever it has come to.</summary>
internal abstract class RunReport(AssuranceScene scene, RunOrder order, Run run)
{
    private ReportedItems? _items;

    /// <summary>Its id.</summary>
    public Guid ReportId { get; } = Guid.CreateVersion7(scene.Time.GetUtcNow());

    /// <summary>What was written down; null before that, and where its lists could not be written.</summary>
    public RunRecord? Record { get; set; }

    /// <summary>What kept it from being carried through.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Why it was not carried through, for a person; null where it was.</summary>
    protected string? Aborted { get; private set; }

    /// <summary>Whether what was restored is gone.</summary>
    protected bool IsWiped { get; private set; }

    /// <summary>The list of items, once it is closed.</summary>
    protected ReportedItems Items => _items ?? throw new InvalidOperationException("Lists are closed first.");

    /// <summary>Whether one was drawn at random: only that counts in the statement about all.</summary>
    public abstract bool IsDrawn(string id);

    /// <summary>The report, but for what it hangs on.</summary>
    public abstract AssuranceReport Finish();

    /// <summary>Notes that it could not be carried through. What is a result of the run does not abort it.</summary>
    public void Fail(Exception error, bool isCancelled)
    {
        Error = error;
        if (isCancelled || Record is null || !IsResult(error))
        {
            Aborted = isCancelled ? "It was cancelled." : ReasonOf(error);
            return;
        }

        NoteResult(Record, error);
    }

    /// <summary>Ends the lists. Where they cannot be written, the report says no more than that.</summary>
    public void Close(RunLists? lists)
    {
        try
        {
            using (lists)
            {
                _items = lists?.Close();
            }
        }
        catch (Exception error) when (error is StorageException or IOException)
        {
            Error ??= error;
            Aborted ??= $"Its lists could not be written. {error.Message}";
        }

        if (_items is null)
        {
            Record = null;
            _items = new ReportedItems(0, Convert.ToHexStringLower(SHA512.HashData([])));
        }
    }

    /// <summary>Removes what was restored, and notes whether it is gone.</summary>
    public void WipeOf(RunFolder? folder, string place)
    {
        IsWiped = folder?.Wipe() ?? true;
        if (!IsWiped)
        {
            Aborted ??= $"What was restored could not be removed: records lie in the clear in {place}/ of the data folder. The next run removes them; or do it by hand.";
        }
    }

    /// <summary>Whether an error says something about what is examined, rather than that it could not be.</summary>
    protected abstract bool IsResult(Exception error);

    /// <summary>Notes such an error.</summary>
    protected abstract void NoteResult(RunRecord record, Exception error);

    /// <summary>Which run it was.</summary>
    protected ReportedRun DescribeRun() => new(
        run.Number, run.Trigger, run.Account, order.Organisation, Environment.MachineName, RuntimeInformation.OSDescription, scene.Program,
        PlannedAt: null, run.StartedAt, scene.Time.GetUtcNow(), Aborted);

    // Messages of our own say what to do. Those of others may quote what they read.
    private static string ReasonOf(Exception error) => error is StorageException or BackupException or ArchiveException or NoBackupException or RunRefusedException or ExtractionUnavailableException
        ? error.Message
        : string.Create(CultureInfo.InvariantCulture, $"It met an error of the program: {error.GetType().Name}.");
}
