using System.Diagnostics;
using System.Text.Json;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Linux;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Extraction;

/// <summary>The real worker program against the real kernel.</summary>
public sealed class When_a_worker_is_confined
{
    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_can_read_its_folder_and_do_nothing_else()
    {
        RequireLandlock();
        using var scratch = new Scratch();
        using var outside = new Scratch();
        string forbidden = outside.Write("key", "secret");
        using var probe = RealWorkers.Start("extract-worker", "--probe", "--read", scratch.Folder, "--forbidden", forbidden);
        string answer = await probe.StandardOutput.ReadToEndAsync(Test);
        var findings = JsonSerializer.Deserialize(answer, WorkerProtocol.Instance.ProbeFindings)!;   // an object, or the test fails here
        Assert.Equal("landlock", findings.Confinement);
        Assert.Contains("seccomp", findings.Enforced);
        Assert.Contains("memory", findings.Enforced);
        Assert.Contains("no-new-privileges", findings.Enforced);
        Assert.True(findings.CanReadGiven);
        Assert.False(findings.CanReadForbidden);
        Assert.False(findings.CanListForbidden);
        Assert.False(findings.CanTruncateForbidden);
        Assert.False(findings.CanWriteGiven);
        Assert.False(findings.CanWriteTemporary);
        Assert.False(findings.CanOpenSocket);
        Assert.False(findings.CanStartProgram);
        Assert.False(findings.CanSignalParent);
        Assert.False(findings.CanLeaveGroup);
        Assert.False(findings.CanDumpCore);
        Assert.Equal("secret", await File.ReadAllTextAsync(forbidden, Test));
    }

    [Fact]
    public async Task Every_thread_of_it_is()
    {
        RequireLandlock();
        using var scratch = new Scratch();
        using var worker = RealWorkers.Start("extract-worker", "--read", scratch.Folder);
        Assert.Contains("\"hello\"", await worker.StandardOutput.ReadLineAsync(Test));
        string[] threads = Directory.GetDirectories($"/proc/{worker.Id}/task");
        Assert.InRange(threads.Length, 2, 100);
        Assert.All(threads, thread =>
        {
            string status = File.ReadAllText(Path.Combine(thread, "status"));
            Assert.Contains("NoNewPrivs:\t1", status);
            Assert.Contains("Seccomp:\t2", status);
        });
        worker.StandardInput.Close();
        await worker.WaitForExitAsync(Test);
        Assert.Equal(0, worker.ExitCode);
    }

    [Fact]
    public async Task The_pool_knows_how()
    {
        RequireLandlock();
        await using var workers = new RealWorkers();
        Assert.Null(workers.Pool.Confinement);
        await workers.ReadAsync(A.Png().ToBytes(), FileFormat.Png, Test);
        Assert.True(workers.Pool.Confinement?.IsConfined);
        Assert.DoesNotContain(workers.Logger.Lines, line => line.EventId == 1301);
    }

    [Fact]
    public async Task A_file_outside_its_folder_is_not_read()
    {
        RequireLandlock();
        using var outside = new Scratch();
        string secret = outside.Write("secret.pdf", A.Pdf().WithTextLayer("secret").ToBytes());
        await using var workers = new RealWorkers();
        await Assert.ThrowsAsync<ExtractionUnavailableException>(() => workers.ReadAsync(secret, FileFormat.Pdf, Test));
    }

    [Fact]
    public async Task It_ends_with_its_input_also_while_it_reads()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The exit code is that of a signal.");
        using var scratch = new Scratch();
        using var worker = RealWorkers.Start("extract-worker", "--read", scratch.Folder);
        Assert.NotNull(await worker.StandardOutput.ReadLineAsync(Test));
        await worker.StandardInput.WriteLineAsync(Request(LongDocument(scratch)));
        await worker.StandardInput.FlushAsync(Test);
        Assert.Contains("begun", await worker.StandardOutput.ReadLineAsync(Test));
        Assert.Contains("opened", await worker.StandardOutput.ReadLineAsync(Test));   // and no more: soon the pipe is full, and it is stuck
        worker.StandardInput.Close();
        await worker.WaitForExitAsync(Test);
        Assert.Equal(137, worker.ExitCode);
    }

    [Fact]
    public async Task No_orphan_stays_when_its_parent_is_killed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The parent is a shell.");
        using var scratch = new Scratch();
        string script = scratch.Write("parent.sh",
            $"""
            cd '{scratch.Folder}' && mkfifo in
            '{RealWorkers.Program()}' extract-worker --read '{scratch.Folder}' < in > /dev/null 3>&- &
            exec 3> in
            echo '{Request(LongDocument(scratch))}' >&3
            echo $! > pid.tmp && mv pid.tmp pid
            wait
            """);
        using var parent = Process.Start("/bin/sh", script);
        string pid = Path.Combine(scratch.Folder, "pid");
        await Processes.UntilExists(pid);
        int worker = int.Parse(await File.ReadAllTextAsync(pid, Test));
        Assert.True(Processes.IsAlive(worker));
        parent.Kill();
        await Processes.UntilGone(worker);
    }

    [Fact]
    public async Task Reading_beyond_its_memory_is_a_crash_of_one_document()
    {
        await using var workers = new RealWorkers(adjust: o => o with { HeapLimitBytes = 64L << 20, WorkerCount = 1 });
        string huge = string.Join('\n', Enumerable.Range(0, 300).Select(_ => new string('x', 9_000)));
        var result = await workers.ReadAsync(A.Pdf().WithTextLayer(huge).ToBytes(), FileFormat.Pdf, Test);
        Assert.Equal(TextStatus.Crashed, result.TextStatus);
        Assert.Contains("memory", result.Note);
        var next = await workers.ReadAsync(A.Pdf().WithTextLayer("a small document").ToBytes(), FileFormat.Pdf, Test);
        Assert.Equal(TextStatus.Complete, next.TextStatus);
    }

    [Theory]
    [InlineData("--unknown")]
    [InlineData("--read")]
    [InlineData("--heap-limit", "many")]
    public async Task A_command_line_it_does_not_know_is_refused(params string[] arguments)
    {
        using var worker = RealWorkers.Start(["extract-worker", .. arguments]);
        await worker.WaitForExitAsync(Test);
        Assert.Equal(2, worker.ExitCode);
    }

    private static void RequireLandlock()
    {
        if (!OperatingSystem.IsLinux() || LandlockDomain.Version == 0)
        {
            Needs.Lacks("landlock", "This kernel offers no Landlock.");
        }
    }

    private static string LongDocument(Scratch scratch) =>
        scratch.Write("long.pdf", A.Pdf().WithTextLayer(string.Join('\n', Enumerable.Repeat("blood pressure 120 over 80", 50))).Pages(2_000).ToBytes());

    private static string Request(string path) =>
        JsonSerializer.Serialize(new WorkerRequest(path, FileFormat.Pdf, 10_000, 1_000_000, 100_000_000, 1_000_000), WorkerProtocol.Instance.WorkerRequest);
}
