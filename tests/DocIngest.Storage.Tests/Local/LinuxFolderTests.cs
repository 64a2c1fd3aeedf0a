using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using DocIngest.Storage.Linux;
using DocIngest.TestKit;

namespace DocIngest.Storage.Tests;

/// <summary>What only Linux shows: bytes as names, and processes that hold files open.</summary>
public sealed class LinuxFolderTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly LocalVolumes _volumes = new();
    private readonly IDurableFolder _folder;

    public LinuxFolderTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");
        _folder = _volumes.Open(_temp.Folder("inside"));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _volumes.Dispose();
        _temp.Dispose();
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void What_is_sealed_is_the_owners_alone_and_written_once()
    {
        var folder = _volumes.Open(_temp["inside"], EntryPermissions.Sealed);
        folder.CreateFolder("a/b");
        using (var file = folder.Create("a/b/part"))
            file.Write("text"u8);
        folder.Move("a/b/part", "a/b/whole");
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(_temp["inside/a/b/whole"]));
        const UnixFileMode OwnersAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(OwnersAlone, File.GetUnixFileMode(_temp["inside/a"]));
        Assert.Equal(OwnersAlone, File.GetUnixFileMode(_temp["inside/a/b"]));
        folder.Delete("a/b/whole");
        Assert.Empty(folder.List("a/b"));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void What_is_private_is_the_owners_alone_and_can_be_written_again()
    {
        var folder = _volumes.Open(_temp["inside"], EntryPermissions.Private);
        folder.CreateFolder("a");
        using (var file = folder.OpenAppend("a/lines"))
            file.Write("one\n"u8);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_temp["inside/a/lines"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_temp["inside/a"]));
    }

    [Theory]
    [InlineData(0, 3 * 1024 * 1024)]
    [InlineData(0, (5 * 1024 * 1024) + 1)]
    [InlineData(4096, (2 * 1024 * 1024) + 4095)]
    [InlineData(1, 3 * 1024 * 1024)]   // what came before leaves no place that the disk takes blocks at
    [InlineData(4095, 2 * 1024 * 1024)]
    public async Task Large_blocks_arrive_whole_wherever_they_begin(int before, int length)
    {
        byte[] content = new byte[before + length + 10];
        new Random(length).NextBytes(content);
        await using (var file = _folder.Create("large"))
        {
            await file.WriteAsync(content.AsMemory(0, before), Cancellation);
            await file.WriteAsync(content.AsMemory(before, length), Cancellation);
            file.Write(content.AsSpan(before + length));
        }

        await _folder.FlushAsync(Cancellation);
        Assert.Equal(content, await File.ReadAllBytesAsync(_temp["inside/large"], Cancellation));
    }

    [Fact]
    public void A_large_block_goes_past_the_page_cache_where_the_disk_lets_it()
    {
        byte[] content = new byte[(3 * 1024 * 1024) + 100];
        new Random(1).NextBytes(content);
        string path = _temp["inside/large"];
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        int written = DirectWrite.Write(file, content, 0);
        Assert.SkipWhen(written == 0, "This file system has no direct writing.");
        Assert.Equal(3 * 1024 * 1024, written);
        Assert.Equal(0, DirectWrite.Write(file, content, 1));
        RandomAccess.Write(file, content.AsSpan(written), written);   // the handle writes as always again
        Assert.Equal(content, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_file_whose_name_is_no_text_is_listed_and_read()
    {
        Shell("printf text > \"inside/$(printf 'caf\\351')\"");
        var entry = Assert.Single(_folder.List(""));
        Assert.Equal("caf\uDCE9", entry.Name);
        using var text = new StreamReader(_folder.OpenRead(entry.Name));
        Assert.Equal("text", text.ReadToEnd());
    }

    [Fact]
    public void A_time_beyond_what_a_stamp_can_say_hides_no_file()
    {
        Shell("touch -d 2300-01-01 inside/odd && touch inside/plain");
        Assert.Equal(["odd", "plain"], _folder.List("").Select(entry => entry.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(10_413_792_000, long.MaxValue)]
    [InlineData(-11_676_096_000, long.MinValue)]
    [InlineData(long.MinValue, long.MinValue)]
    [InlineData(-1, -999_999_999)]
    public void A_stamp_says_the_nearest_time_it_can(long seconds, long stamp) =>
        Assert.Equal(stamp, LinuxStamp.Entry("a", new StatX { WriteSeconds = seconds, WriteNanoseconds = 1 }).Stamp.WriteTimeNanoseconds);

    [Fact]
    public void A_name_written_here_has_these_bytes_on_disk()
    {
        _folder.Create("caf\uDCE9").Dispose();
        Assert.Equal("636166e9", Shell("cd inside && printf %s * | od -An -tx1 | tr -d ' \\n'"));
    }

    [Theory]
    [InlineData("mkfifo inside/odd")]
    [InlineData("mknod inside/odd c 1 5")]
    [InlineData("ln -s /etc/passwd inside/odd")]
    [InlineData("ln -s nowhere inside/odd")]
    public void What_would_wait_act_or_lead_away_is_refused(string command)
    {
        Assert.SkipUnless(TryShell(command, out _), "The system does not let this user make one.");
        Assert.Throws<RefusedEntryException>(() => _folder.OpenRead("odd"));
        Assert.Throws<RefusedEntryException>(() => _folder.OpenAppend("odd"));
        Assert.Equal(WriterProbe.Unknown, _folder.ProbeWriter("odd"));
    }

    [Fact]
    public void A_link_that_leads_out_in_the_middle_of_a_path_is_refused()
    {
        Shell("mkdir -p outside/deep && printf secret > outside/deep/a && ln -s ../outside inside/out");
        Assert.Throws<RefusedEntryException>(() => _folder.OpenRead("out/deep/a"));
        Assert.Throws<RefusedEntryException>(() => _folder.Create("out/deep/b"));
        Assert.Throws<RefusedEntryException>(() => _folder.DeleteTree("out/deep"));
        _folder.DeleteTree("out");
        Assert.Equal("secret", Shell("cat outside/deep/a"));
    }

    [Fact]
    public void The_walk_for_old_kernels_refuses_what_the_kernel_refuses()
    {
        Shell("mkdir -p inside/a/b outside && touch inside/file && ln -s ../outside inside/out");
        foreach (var (path, error) in new[] { ("a/b", 0), ("out", Errno.ELOOP), ("out/x", Errno.ELOOP), ("file/x", Errno.ENOTDIR), ("a/c", Errno.ENOENT) })
        {
            Assert.Equal(error, ErrorOf(root => PathWalk.Open(root, EntryPath.Parse(path), out int kernels) is { } handle ? (handle, kernels) : default));
            Assert.Equal(error, ErrorOf(root => PathWalk.Walk(root, EntryPath.Parse(path), out int walked) is { } handle ? (handle, walked) : default));
        }
    }

    [Fact]
    public void The_folder_itself_may_be_a_link()
    {
        Shell("printf text > inside/a && ln -s inside link");
        Assert.NotNull(_volumes.Open(_temp["link"]).Find("a"));
    }

    [Fact]
    public async Task A_writer_in_another_process_is_seen_and_its_end_too()
    {
        _folder.Create("scan").Dispose();
        using var child = await ChildProcess.StartAsync(Cancellation, "hold-open", _temp["inside"], "scan");
        Assert.Equal(WriterProbe.Writer, _folder.ProbeWriter("scan"));
        await child.KillAsync(Cancellation);
        Assert.Equal(WriterProbe.NoWriter, _folder.ProbeWriter("scan"));
    }

    [Fact]
    public void A_missing_folder_is_unavailable_in_every_member()
    {
        var gone = _volumes.Open(_temp["gone"]);
        Action[] members =
        [
            () => gone.Find("a"), () => gone.Find(""), () => _ = gone.List("").ToList(), () => gone.OpenRead("a"), () => gone.Create("a"),
            () => gone.Delete("a"), () => gone.CreateFolder("a"), () => gone.Move("a", "b"), () => gone.DeleteTree("a"), () => gone.FreeBytes(),
        ];
        Assert.All(members, member => Assert.Throws<StorageUnavailableException>(member));
    }

    [Fact]
    public async Task A_folder_can_be_created_with_its_parents()
    {
        var made = _volumes.OpenOrCreate(_temp["x/y/z"]);
        await made.FlushAsync(Cancellation);
        Assert.Empty(made.List(""));
    }

    [Fact]
    public void A_full_disk_is_told_as_such()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "No /dev/full here.");
        using var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        var error = Record.Exception(() => RandomAccess.Write(full, "x"u8, 0));
        Assert.NotNull(error);
        Assert.IsType<StorageFullException>(LocalSystem.OfThisMachine.Translate(error, "the disk", "write"));
    }

    [Theory]
    [InlineData(FileSystemType.Ext, "5.8", true)]
    [InlineData(FileSystemType.Xfs, "6.1.0", true)]
    [InlineData(FileSystemType.Btrfs, "6.1.0", true)]
    [InlineData(FileSystemType.Tmpfs, "6.1.0", true)]
    [InlineData(FileSystemType.Ext, "5.7.19", false)]
    [InlineData(0x6969u, "6.1.0", false)]
    [InlineData(0xFF534D42u, "6.1.0", false)]
    [InlineData(0x65735546u, "6.1.0", false)]
    [InlineData(0x794c7630u, "6.1.0", false)]
    [InlineData(0x12345678u, "6.1.0", false)]
    public void Only_file_systems_known_to_report_errors_are_grouped(uint type, string kernel, bool grouped) =>
        Assert.Equal(grouped, LinuxSystem.MayGroup(type, Version.Parse(kernel)));

    private int ErrorOf(Func<Microsoft.Win32.SafeHandles.SafeFileHandle, (Microsoft.Win32.SafeHandles.SafeFileHandle Handle, int Error)> open)
    {
        using var root = LibC.Open(LinuxTree.Terminated(_temp["inside"]), LibC.ReadOnly | LibC.Folder | LibC.CloseOnExec, 0);
        var (handle, error) = open(root);
        handle.Dispose();
        return error;
    }

    private string Shell(string command) =>
        TryShell(command, out string output) ? output : throw new InvalidOperationException($"Failed: {command}");

    private bool TryShell(string command, out string output)
    {
        var start = new ProcessStartInfo("sh", ["-c", command])
        {
            WorkingDirectory = _temp.Path,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using var shell = Process.Start(start) ?? throw new InvalidOperationException("No shell.");
        output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return shell.ExitCode == 0;
    }
}
