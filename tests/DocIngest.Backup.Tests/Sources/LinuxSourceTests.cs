using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CsCheck;
using DocIngest.Backup.Sources;
using DocIngest.Backup.Trees;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Sources;

/// <summary>What a folder of Linux gives: names as bytes, all metadata, and no way to be led astray.</summary>
public sealed partial class LinuxSourceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public LinuxSourceTests() => Needs.Linux();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Names_are_bytes_and_ascend_by_bytes()
    {
        _folder.Shell("""printf x > "$(printf 'caf\351')"; printf x > $'\uffee'; printf x > $'\U0001F4AF'; printf x > z; mkdir B; printf x > $'a\nb'; printf x > 'a"\b'""");
        var names = (await _folder.ListAsync()).ConvertAll(entry => Convert.ToHexStringLower(entry.Name.Bytes));
        Assert.Equal(["42", "610a62", "61225c62", "636166e9", "7a", "efbfae", "f09f92af"], names);
    }

    [Fact]
    public async Task Any_names_are_listed_and_their_files_read() =>
        await Gen.Byte.Array[1, 60].Array[0, 20].SampleAsync(
            async names =>
            {
                using var folder = new TestFolder();
                var made = names.Select(name => new FileName(name)).Where(name => name.IsSafe).Distinct().Order().ToList();
                using var volumes = new LocalVolumes(Durability.File);
                var storage = volumes.Open(folder.Path);
                foreach (var name in made)
                {
                    await using var file = storage.Create(name.ToRaw());
                    file.Write(name.Bytes);
                }

                using var source = await folder.OpenAsync();
                var listed = await source.ListAsync(Cancellation).ToListAsync(Cancellation);
                Assert.Equal(made, listed.Select(entry => entry.Name));
                foreach (var entry in listed)
                {
                    await using var file = await source.OpenFileAsync(entry.Node!, Cancellation);
                    Assert.Equal(entry.Name, new FileName(await BytesAsync(file)));
                }
            },
            iter: 10);

    [Theory]
    [InlineData("printf hello > it; chmod 4751 it; touch -d '2001-02-03 04:05:06.123456789' it", NodeType.File, "104751")]
    [InlineData("mkdir it; chmod 1777 it; touch -d '1969-12-31 23:59:59.5Z' it", NodeType.Directory, "41777")]
    [InlineData("ln -s /nowhere it; touch -h -d '2038-01-19 03:14:08' it", NodeType.Symlink, "120777")]
    [InlineData("mkfifo it; chmod 604 it", NodeType.Fifo, "10604")]
    [InlineData("mknod it c 1 5; chmod 640 it", NodeType.CharDevice, "20640")]
    [InlineData("mknod it b 259 300; chown 12:34 it", NodeType.Device, "60644")]
    [InlineData("printf x > it; ln it it2; ln it it3; chown 54321:54322 it", NodeType.File, "100644")]
    public async Task Metadata_are_those_that_stat_tells(string command, NodeType type, string octalMode)
    {
        Assert.SkipUnless(_folder.TryShell($"umask 022; {command}", out _), "The system does not let this user make one.");
        var node = await _folder.NodeAsync("it");
        string[] stat = _folder.Shell("stat -c '%f %u %g %i %d %h %s %t %T' it").Split(' ');
        uint mode = Convert.ToUInt32(octalMode, 8);
        Assert.Equal(mode, uint.Parse(stat[0], NumberStyles.HexNumber));   // else the test has made something else
        Assert.Equal(type, node.Type);
        Assert.Equal(Backup.Encoding.GoFileMode.FromStat(mode), node.Mode);
        Assert.Equal((stat[1], stat[2], stat[3], stat[4]), ($"{node.UserId}", $"{node.GroupId}", $"{node.Inode}", $"{node.DeviceId}"));
        Assert.Equal(type is NodeType.Directory or NodeType.Fifo ? "0" : stat[5], $"{node.LinkCount}");
        Assert.Equal(type is NodeType.File ? stat[6] : "0", $"{node.SizeBytes}");
        ulong major = ulong.Parse(stat[7], NumberStyles.HexNumber);
        ulong minor = ulong.Parse(stat[8], NumberStyles.HexNumber);
        Assert.Equal((minor & 0xff) | (major << 8) | ((minor & ~0xfful) << 12), node.Device);
        Assert.Equal(Time("%.9Y"), Shown(node.Modified));
        Assert.Equal(Time("%.9Z"), Shown(node.Changed));
        Assert.Equal(node.Modified, node.Accessed);
        Assert.Equal(Account("%U"), node.User);
        Assert.Equal(Account("%G"), node.Group);

        // stat rounds what lies before 1970 towards zero.
        string Time(string format) => _folder.Shell($"stat -c {format} it");
        string Account(string format) => _folder.Shell($"stat -c {format} it") is var name && name == "UNKNOWN" ? "" : name;
    }

    [Fact]
    public async Task Targets_of_links_are_raw_bytes_of_any_length()
    {
        _folder.Shell("""ln -s "$(printf 'caf\351/../x')" raw; ln -s "$(printf 'y%.0s' {1..4000})" long; mkdir real; ln -s real folder""");
        Assert.Equal("636166e92f2e2e2f78", Convert.ToHexStringLower((await _folder.NodeAsync("raw")).LinkTarget.Span));
        Assert.Equal(4000, (await _folder.NodeAsync("long")).LinkTarget.Length);
        Assert.Equal(NodeType.Symlink, (await _folder.NodeAsync("folder")).Type);
    }

    [Fact]
    public async Task Extended_attributes_are_read_whatever_their_size()
    {
        _folder.Shell("printf x > it; printf x > big; mkdir folder; ln -s it link");
        Assert.SkipUnless(SetAttribute("it", "user.comment", "text"u8), "The file system has no extended attributes.");
        SetAttribute("it", "user.bytes", [0, 255]);
        SetAttribute("it", "user.empty", []);
        SetAttribute("folder", "user.on a folder", "f"u8);
        bool isBig = SetAttribute("big", "user.big", new byte[20_000]) || SetAttribute("big", "user.big", new byte[3_000]);

        var attributes = (await _folder.NodeAsync("it")).ExtendedAttributes.Where(attribute => attribute.Name.StartsWith("user.", StringComparison.Ordinal));
        Assert.Equal(
            ["user.bytes=00ff", "user.comment=74657874", "user.empty="],
            attributes.Select(attribute => $"{attribute.Name}={Convert.ToHexStringLower(attribute.Value!.Value.Span)}").Order(StringComparer.Ordinal));
        Assert.Equal("user.on a folder", Assert.Single((await _folder.NodeAsync("folder")).ExtendedAttributes).Name);
        Assert.Empty((await _folder.NodeAsync("link")).ExtendedAttributes);
        if (isBig)
            Assert.True((await _folder.NodeAsync("big")).ExtendedAttributes[0].Value!.Value.Length >= 3000);
    }

    [Fact]
    public async Task Sockets_are_left_out()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder["socket"]));
        _folder.Shell("printf x > file");
        Assert.Equal("file", Assert.Single(await _folder.ListAsync()).Name.ToRaw());
    }

    [Theory]
    [InlineData("ln -sf /etc/passwd it")]
    [InlineData("rm it; mkfifo it")]
    [InlineData("rm it; mknod it c 1 5")]
    [InlineData("rm it; mkdir it")]
    public async Task What_has_taken_the_place_of_a_file_is_not_opened(string command)
    {
        _folder.Shell("printf x > it");
        using var source = await _folder.OpenAsync();
        var node = await _folder.NodeAsync("it");
        Assert.SkipUnless(_folder.TryShell(command, out _), "The system does not let this user make one.");
        await Assert.ThrowsAsync<RefusedEntryException>(async () => await source.OpenFileAsync(node, Cancellation));
    }

    /// <summary>Looking first is not enough: a link may come between look and opening, so the opening itself must refuse it.</summary>
    [Fact]
    public async Task A_link_that_comes_and_goes_is_never_followed()
    {
        _folder.Shell("printf x > it; printf secret > secret");
        using var source = await _folder.OpenAsync();
        var node = await _folder.NodeAsync("it");
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var flips = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                File.CreateSymbolicLink(_folder["next"], "secret");
                File.Move(_folder["next"], _folder["it"], overwrite: true);
                File.WriteAllText(_folder["next"], "x");
                File.Move(_folder["next"], _folder["it"], overwrite: true);
            }
        }, Cancellation);

        int read = 0;
        int refused = 0;
        while (!flips.IsCompleted)
        {
            try
            {
                await using var file = await source.OpenFileAsync(node, Cancellation);
                Assert.Equal("x", System.Text.Encoding.UTF8.GetString(await BytesAsync(file)));
                read++;
            }
            catch (RefusedEntryException)
            {
                refused++;
            }
        }

        await flips;
        Assert.True(read > 0 && refused > 0, "The flips have not been seen.");
    }

    [Fact]
    public async Task A_link_that_has_taken_the_place_of_a_folder_is_not_entered()
    {
        _folder.Shell("mkdir it outside; printf x > outside/secret");
        using var source = await _folder.OpenAsync();
        var node = await _folder.NodeAsync("it");
        _folder.Shell("rmdir it; ln -s outside it");
        await Assert.ThrowsAsync<RefusedEntryException>(async () => await source.OpenFolderAsync(node, Cancellation));
        _folder.Shell("rm it; printf x > it");
        await Assert.ThrowsAsync<RefusedEntryException>(async () => await source.OpenFolderAsync(node, Cancellation));
    }

    [Fact]
    public async Task What_has_vanished_is_told_as_such()
    {
        _folder.Shell("printf x > file; mkdir folder");
        using var source = await _folder.OpenAsync();
        var file = await _folder.NodeAsync("file");
        var folder = await _folder.NodeAsync("folder");
        _folder.Shell("rm file; rmdir folder");
        await Assert.ThrowsAsync<EntryNotFoundException>(async () => await source.OpenFileAsync(file, Cancellation));
        await Assert.ThrowsAsync<EntryNotFoundException>(async () => await source.OpenFolderAsync(folder, Cancellation));
    }

    [Fact]
    public async Task Another_file_of_the_same_name_is_described_anew()
    {
        _folder.Shell("printf old > it; printf newer > it2; chmod 600 it2; touch -d 2001-02-03 it2");
        using var source = await _folder.OpenAsync();
        var listed = await _folder.NodeAsync("it");
        SetAttribute("it2", "user.new", "1"u8);
        _folder.Shell("mv it2 it");
        await using var file = await source.OpenFileAsync(listed, Cancellation);
        Assert.Equal("newer", System.Text.Encoding.UTF8.GetString(await BytesAsync(file)));
        Assert.NotEqual(listed.Inode, file.Node.Inode);
        Assert.Equal((5ul, listed.Name), (file.Node.SizeBytes, file.Node.Name));
        Assert.Equal(await _folder.NodeAsync("it") with { ExtendedAttributes = [] }, file.Node with { ExtendedAttributes = [] });
        Assert.Equal((await _folder.NodeAsync("it")).ExtendedAttributes.Count, file.Node.ExtendedAttributes.Count);
    }

    [Fact]
    public async Task A_file_that_has_not_changed_keeps_its_node()
    {
        _folder.Shell("printf x > it");
        using var source = await _folder.OpenAsync();
        var listed = await _folder.NodeAsync("it");
        await using var file = await source.OpenFileAsync(listed, Cancellation);
        Assert.Equal(listed, file.Node);
    }

    [Fact]
    public async Task What_is_added_while_a_file_is_open_is_read()
    {
        _folder.Shell("printf one > it");
        using var source = await _folder.OpenAsync();
        await using var file = await source.OpenFileAsync(await _folder.NodeAsync("it"), Cancellation);
        _folder.Shell("printf two >> it");
        Assert.Equal("onetwo", System.Text.Encoding.UTF8.GetString(await BytesAsync(file)));
    }

    [Fact]
    public async Task A_folder_that_is_moved_meanwhile_stays_the_one_it_was()
    {
        _folder.Shell("mkdir a; printf x > a/file");
        using var source = await _folder.OpenAsync();
        using var a = await source.OpenFolderAsync(await _folder.NodeAsync("a"), Cancellation);
        _folder.Shell("mv a b; mkdir a; printf y > a/other");
        Assert.Equal("file", Assert.Single(await a.ListAsync(Cancellation).ToListAsync(Cancellation)).Name.ToRaw());
    }

    [Fact]
    public async Task Reading_leaves_no_trace_in_the_files_times()
    {
        _folder.Shell("mkdir it; printf x > it/file; touch -a -d 2001-02-03 it/file it");
        string before = _folder.Shell("stat -c '%x %y %z' it it/file");
        using var source = await _folder.OpenAsync();
        using var it = await source.OpenFolderAsync(await _folder.NodeAsync("it"), Cancellation);
        var entry = Assert.Single(await it.ListAsync(Cancellation).ToListAsync(Cancellation));
        await using (var file = await it.OpenFileAsync(entry.Node!, Cancellation))
            _ = await BytesAsync(file);
        Assert.Equal(before, _folder.Shell("stat -c '%x %y %z' it it/file"));
    }

    [Fact]
    public async Task Owners_and_groups_without_a_name_have_none()
    {
        Assert.SkipUnless(_folder.TryShell("printf x > it; chown 54321:54322 it", out _), "Only root gives files away.");
        var node = await _folder.NodeAsync("it");
        Assert.Equal((54321u, 54322u, "", ""), (node.UserId, node.GroupId, node.User, node.Group));
    }

    [Fact]
    public void What_may_not_be_read_is_told_and_the_rest_is_listed()
    {
        _folder.Shell("chmod 755 .; mkdir locked deaf; printf x > open; printf x > closed; printf x > locked/in; printf x > deaf/in; chmod 000 closed locked; chmod 444 deaf");
        AsNobody(async () =>
        {
            using var source = await _folder.OpenAsync();
            var entries = await source.ListAsync(Cancellation).ToDictionaryAsync(entry => entry.Name.ToRaw(), cancellationToken: Cancellation);
            Assert.Equal(["closed", "deaf", "locked", "open"], entries.Keys.Order());
            Assert.All(entries.Values, entry => Assert.NotNull(entry.Node));
            await Assert.ThrowsAsync<StorageUnavailableException>(async () => await source.OpenFileAsync(entries["closed"].Node!, Cancellation));
            await Assert.ThrowsAsync<StorageUnavailableException>(async () => await source.OpenFolderAsync(entries["locked"].Node!, Cancellation));

            // Whose folder lists names but lets nobody in: every one of them is told.
            using var deaf = await source.OpenFolderAsync(entries["deaf"].Node!, Cancellation);
            var inner = Assert.Single(await deaf.ListAsync(Cancellation).ToListAsync(Cancellation));
            Assert.Null(inner.Node);
            Assert.Equal(SourceProblemKind.Unreadable, inner.Problem?.Kind);
        });
    }

    [Fact]
    public void Folders_on_the_way_need_only_let_us_through()
    {
        _folder.Shell("chmod 755 .; mkdir -p way/source; printf x > way/source/file; chmod 711 way");
        AsNobody(async () =>
        {
            var found = await TestFolder.WalkAsync(new LocalFolderSource([_folder["way/source"]]));
            Assert.Equal("File", found[_folder["way/source/file"]]);
        });
    }

    [Fact]
    public async Task A_large_folder_is_listed_in_order()
    {
        _folder.Shell("seq -f 'file %.0f' 5000 | tr '\\n' '\\0' | xargs -0 touch");
        var names = (await _folder.ListAsync()).ConvertAll(entry => entry.Name);
        Assert.Equal(5000, names.Count);
        Assert.Equal(names.Order(), names);
    }

    [Fact]
    public async Task A_cancelled_listing_stops()
    {
        _folder.Shell("touch a b c");
        using var source = await _folder.OpenAsync();
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in source.ListAsync(stop.Token))
                await stop.CancelAsync();
        });
    }

    private static async Task<byte[]> BytesAsync(SourceFile file)
    {
        using var bytes = new MemoryStream();
        await file.Content.CopyToAsync(bytes, Cancellation);
        return bytes.ToArray();
    }

    private static string Shown(Backup.Encoding.ZonedTime time)
    {
        var (seconds, nanoseconds) = (time.Instant.Seconds, time.Instant.Nanoseconds);
        return seconds < 0 && nanoseconds > 0 ? $"-{-(seconds + 1)}.{1_000_000_000 - nanoseconds:d9}" : $"{seconds}.{nanoseconds:d9}";
    }

    private bool SetAttribute(string name, string attribute, ReadOnlySpan<byte> value) =>
        SetXAttr(_folder[name], attribute, value, (nuint)value.Length, 0) == 0;

    /// <summary>Runs with the rights of nobody in particular. The kernel keeps these by thread, so nothing else is touched.</summary>
    /// <param name="act">Stays on its thread, since nothing in it has to wait.</param>
    private static void AsNobody(Func<Task> act)
    {
        const uint Nobody = 65534;
        Task? acted = null;
        var thread = new Thread(() =>
        {
            _ = SetFileSystemGroup(Nobody);
            _ = SetFileSystemUser(Nobody);   // from root, this also gives up the right to ignore permissions
            acted = act();
        });
        thread.Start();
        thread.Join();
        Assert.NotNull(acted);
        Assert.True(acted.IsCompleted);
        if (acted.Exception is { } error)
            throw error;
    }

    [LibraryImport("libc", EntryPoint = "setxattr", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int SetXAttr(string path, string name, ReadOnlySpan<byte> value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileSystemUser(uint id);

    [LibraryImport("libc", EntryPoint = "setfsgid")]
    private static partial int SetFileSystemGroup(uint id);
}
