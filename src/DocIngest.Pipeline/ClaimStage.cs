using System.Threading.Channels;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Intake;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Receipts;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Splitting;
using DocIngest.Storage;

namespace DocIngest.Pipeline;

/// <summary>
/// The first stage: takes settled files and open claims in groups, as far as there is space, and makes their private copies. Each
/// profile has a lane of its own: reading from a share may hang.
/// </summary>
internal sealed class ClaimStage(
    IngestEnvironment environment,
    RetryPolicy retry,
    SourceDisposal disposal,
    Alarms alarms,
    ScansInside inside,
    ScanEndings endings,
    Action<ScanReport> report)
{
    private readonly ScanClaimer _claimer = new(environment.Data, environment.Database, environment.Ids, environment.Time, environment.Instances.Name);
    private readonly ScanRecovery _recovery = new(environment);
    private readonly PartSource _parts = new(environment);
    private readonly ProfileLanes<IntakeWork> _lanes = new(environment.Options.Profiles.Select(profile => profile.Name), work => work.Profile);

    /// <summary>Runs until <paramref name="work"/> is completed and used up; completes <paramref name="copied"/> then.</summary>
    /// <param name="work">Settled files, and open claims that come again.</param>
    /// <param name="copied">Scans with a whole private copy.</param>
    /// <param name="closed">Scans that had reached their end before.</param>
    /// <param name="stopping">Leaves open claims in the ledger.</param>
    public async Task RunAsync(
        ChannelReader<IntakeWork> work, ChannelWriter<ScanInHand> copied, ChannelWriter<IReadOnlyList<FiledScan>> closed, CancellationToken stopping)
    {
        await _lanes.RunAsync(work.ReadAllAsync(stopping), (lane, token) => ServeAsync(lane, copied, closed, token), stopping);
        copied.Complete();
    }

    private async Task ServeAsync(
        ChannelReader<IntakeWork> lane, ChannelWriter<ScanInHand> copied, ChannelWriter<IReadOnlyList<FiledScan>> closed, CancellationToken stopping)
    {
        while (await lane.WaitToReadAsync(stopping))
        {
            var settled = new List<SettledScan>();
            var again = new List<ScanInHand>();
            while (settled.Count + again.Count < IngestOptions.GroupSize && lane.TryRead(out var item))
            {
                if (item is IntakeWork.Settled file)
                {
                    settled.Add(file.Scan);
                }
                else if (item is IntakeWork.Again scan)
                {
                    again.Add(scan.Scan);
                }
            }

            await HandOnAsync(await CopyAsync(again, isResumed: true, closed, stopping), copied, stopping);
            await HandOnAsync(await TakeAsync(settled, closed, stopping), copied, stopping);
        }
    }

    private async Task<List<ScanInHand>> TakeAsync(
        IReadOnlyList<SettledScan> settled, ChannelWriter<IReadOnlyList<FiledScan>> closed, CancellationToken stopping)
    {
        var fitting = await FittingAsync(settled, stopping);
        try
        {
            return await CopyAsync(await ClaimAsync(fitting, stopping), isResumed: false, closed, stopping);
        }
        finally
        {
            retry.GiveBackSpace(fitting);
        }
    }

    private async Task<IReadOnlyList<SettledScan>> FittingAsync(IReadOnlyList<SettledScan> settled, CancellationToken stopping)
    {
        if (settled.Count == 0)
        {
            return [];
        }

        IReadOnlyList<SettledScan> fitting;
        try
        {
            fitting = await retry.WithinReserveAsync(settled, stopping);
        }
        catch (Exception error) when (EnvironmentFailure.Is(error))
        {
            await GiveUpUnclaimedAsync(settled, error, stopping);
            return [];
        }

        foreach (var scan in settled.Except(fitting))
        {
            await GiveUpUnclaimedAsync(scan, RetryPolicy.NoSpaceLeft(), stopping);
        }

        if (fitting.Count == 0)
        {
            await PauseAsync(stopping);   // the watchers offer them again: not at once, over and over
        }

        return fitting;
    }

    // None is returned where the surroundings failed: the files stay and come again.
    private async Task<IReadOnlyList<ScanInHand>> ClaimAsync(IReadOnlyList<SettledScan> fitting, CancellationToken stopping)
    {
        if (fitting.Count == 0)
        {
            return [];
        }

        ClaimedGroup group;
        try
        {
            group = await _claimer.ClaimAsync(fitting, stopping);
        }
        catch (Exception error) when (EnvironmentFailure.Is(error))
        {
            await GiveUpUnclaimedAsync(fitting, error, stopping);
            return [];
        }

        foreach (var scan in group.InHand)
        {
            inside.NoteClaimed(scan);
        }

        foreach (var scan in group.ClaimedAlready)
        {
            LeaveToOther(scan);
        }

        foreach (var (scan, error) in group.Failed)
        {
            await GiveUpUnclaimedAsync(scan, error, stopping);
        }

        return group.InHand;
    }

    private async Task GiveUpUnclaimedAsync(IReadOnlyList<SettledScan> scans, Exception error, CancellationToken stopping)
    {
        foreach (var scan in scans)
        {
            await GiveUpUnclaimedAsync(scan, error, stopping);
        }

        await PauseAsync(stopping);
    }

    private Task PauseAsync(CancellationToken stopping) =>
        retry.IsEndless ? Task.Delay(retry.Delay, environment.Time, stopping) : Task.CompletedTask;

    private void LeaveToOther(SettledScan scan)
    {
        scan.Folder.PutDown(scan.RelativePath);
        if (!inside.HoldsClaimOn(scan.Folder.Absolute(scan.RelativePath)))   // else this pipeline reports it under its open claim
        {
            report(new ScanReport(
                Display(scan), ScanReport.Skipped, null, null, null, null, null, "Another process is taking this file in just now."));
        }

        inside.LeaveUnclaimed(scan.Folder.Profile.Name);
    }

    private async Task GiveUpUnclaimedAsync(SettledScan scan, Exception error, CancellationToken stopping)
    {
        if (error is SourceUnreadableException)
        {
            retry.NoteUnreadable(scan.Folder, scan.RelativePath);   // before the alarm: a look in between would end it
        }

        if (error is not (StorageFullException or BelowReserveException))   // those have their alarm
        {
            await alarms.RaiseAsync(
                RetryPolicy.KindOf(error), scan.Folder.Profile.Name, EnvironmentFailure.Explain(error), stopping, whereCatalogFails: true);
        }

        scan.Folder.PutDown(scan.RelativePath);
        if (!retry.IsEndless)
        {
            report(new ScanReport(Display(scan), ScanOutcome.Failed.ToWord(), null, null, null, null, null, EnvironmentFailure.Explain(error)));
        }

        inside.LeaveUnclaimed(scan.Folder.Profile.Name);
    }

    private async Task<List<ScanInHand>> CopyAsync(
        IReadOnlyList<ScanInHand> inHand, bool isResumed, ChannelWriter<IReadOnlyList<FiledScan>> closed, CancellationToken stopping)
    {
        var whole = new List<ScanInHand>(inHand.Count);
        foreach (var scan in inHand)
        {
            try
            {
                if (await CopyOneAsync(scan, isResumed, closed, stopping))
                {
                    whole.Add(scan);
                }
            }
            catch (Exception error) when (ScanEndings.IsOfOneScan(error, stopping))
            {
                await endings.HandleAsync(scan, error, stopping);
            }
        }

        return whole;
    }

    private async Task HandOnAsync(List<ScanInHand> whole, ChannelWriter<ScanInHand> copied, CancellationToken stopping)
    {
        if (whole.Count == 0)
        {
            return;
        }

        try
        {
            await _claimer.NoteCopiedAsync(whole, stopping);
        }
        catch (Exception error) when (EnvironmentFailure.Is(error))
        {
            whole.ForEach(scan => endings.Defer(scan, error));
            return;
        }

        foreach (var scan in whole)
        {
            await copied.WriteAsync(scan, stopping);
        }
    }

    // Whether the scan has a whole private copy now and goes on.
    private async Task<bool> CopyOneAsync(
        ScanInHand scan, bool isResumed, ChannelWriter<IReadOnlyList<FiledScan>> closed, CancellationToken stopping)
    {
        if (isResumed)
        {
            var resumption = await _recovery.ResumeAsync(scan, stopping);
            if (resumption is not Resumption.Finished)
            {
                SplitLeftovers.Remove(environment, scan);
                scan.Part = _parts.Describe(scan.Claim);   // before its copy is whole: what its sheet says is part of its identity
            }

            switch (resumption)
            {
                case Resumption.Finished finished:
                    await closed.WriteAsync([finished.Filed], stopping);
                    return false;
                case Resumption.GoOnFromCopy copy when _claimer.TryResumeCopy(scan, copy.Digest, stopping):
                    return true;
                case Resumption.GoOnFromCopy { IsOnlyOne: true }:
                    await endings.FailAsync(scan, "The copy in staging is not what was in quarantine. It is kept: a person must look.", stopping);
                    return false;
                case Resumption.Damaged damaged:
                    await endings.FailAsync(scan, $"The archive holds a damaged object under this id ({damaged.Finding.Code}). A person must look.", stopping);
                    return false;
            }

            await StartOverAsync(scan, stopping);
        }

        if (scan.Claim.Part is not null)
        {
            await _parts.CutAsync(scan, stopping);
            return true;
        }

        if (_claimer.Copy(scan, stopping) == CopyResult.SourceChanged)
        {
            await endings.ReleaseAsync(scan, "The file changed or went away while it was copied.", stopping);
            return false;
        }

        scan.Folder.NoteRead(scan.RelativePath);
        if (await disposal.WasFiledBeforeAsync(scan, stopping))
        {
            await endings.ReleaseAsync(scan, "The file was filed before and could not be removed then.", stopping);
            return false;
        }

        return true;
    }

    private Task<bool> StartOverAsync(ScanInHand scan, CancellationToken stopping) =>
        environment.Database.WriteAsync(
            (_, transaction) =>
            {
                ScanTable.StartOver(transaction, scan.Claim.Id);
                return true;
            },
            stopping);

    private static string Display(SettledScan scan) => RawName.ToDisplay(scan.Folder.Absolute(scan.RelativePath));
}
