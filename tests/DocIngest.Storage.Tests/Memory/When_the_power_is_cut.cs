using System.Text;
using CsCheck;

namespace DocIngest.Storage.Tests;

public sealed class When_the_power_is_cut
{
    private readonly MemoryVolume _volume = new();
    private readonly MemoryFolder _folder;

    public When_the_power_is_cut() => _folder = _volume.FolderAt("");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void What_was_never_flushed_can_be_gone()
    {
        Write("a", "text");
        _volume.PowerCut(PowerCutChoice.KeepNothing);
        Assert.Empty(_folder.List(""));
    }

    [Fact]
    public void What_was_never_flushed_can_be_there()
    {
        Write("a", "text");
        _volume.PowerCut(PowerCutChoice.KeepAll);
        Assert.Equal("text", Read("a"));
    }

    [Fact]
    public async Task What_was_flushed_is_there()
    {
        Write("a", "text");
        await _folder.FlushAsync(Cancellation);
        _volume.PowerCut(PowerCutChoice.KeepNothing);
        Assert.Equal("text", Read("a"));
    }

    [Fact]
    public async Task A_name_can_outlive_its_data()
    {
        Write("part", "text");
        _folder.Move("part", "whole");
        _volume.PowerCut(PowerCutChoice.NamesWithoutData);
        Assert.Equal("", Read("whole"));
        await _folder.FlushAsync(Cancellation);
    }

    [Fact]
    public void Data_can_be_zeros_of_the_right_length()
    {
        Write("a", "text");
        _volume.PowerCut(PowerCutChoice.ZeroedData);
        Assert.Equal("\0\0\0\0", Read("a"));
    }

    [Fact]
    public void Data_can_be_torn()
    {
        Write("a", "text");
        _volume.PowerCut(PowerCutChoice.TornData);
        Assert.Equal("te", Read("a"));
    }

    [Fact]
    public async Task An_unflushed_file_renamed_over_a_flushed_one_can_lose_both()
    {
        Write("a", "old");
        await _folder.FlushAsync(Cancellation);
        Write("b", "new");
        _folder.Replace("b", "a");
        _volume.PowerCut(PowerCutChoice.NamesWithoutData);
        Assert.Equal("", Read("a"));
    }

    [Fact]
    public async Task A_flushed_file_renamed_over_another_is_one_or_the_other()
    {
        for (ulong subset = 0; subset < 2; subset++)
        {
            var volume = new MemoryVolume();
            var folder = volume.FolderAt("");
            Write(folder, "a", "old");
            Write(folder, "b", "new");
            await folder.FlushAsync(Cancellation);
            folder.Replace("b", "a");
            volume.PowerCut(PowerCutChoice.Subset(subset));
            Assert.Equal(subset == 0 ? "old" : "new", Read(folder, "a"));
            Assert.Equal(subset == 0, folder.Find("b") is not null);
        }
    }

    [Fact]
    public void A_later_change_can_arrive_without_the_earlier()
    {
        Write("first", "1");
        Write("second", "2");
        _volume.PowerCut(PowerCutChoice.KeepLast(2));
        Assert.Equal("second", Assert.Single(_folder.List("")).Name);
    }

    [Fact]
    public async Task A_deletion_can_be_undone()
    {
        Write("a", "text");
        await _folder.FlushAsync(Cancellation);
        _folder.Delete("a");
        _volume.PowerCut(PowerCutChoice.KeepNothing);
        Assert.Equal("text", Read("a"));
    }

    [Fact]
    public void A_file_in_a_folder_that_was_lost_is_lost_with_it()
    {
        _folder.CreateFolder("f");
        Write("f/a", "text");
        _volume.PowerCut(PowerCutChoice.KeepLast(2));
        Assert.Empty(_folder.List(""));
    }

    [Fact]
    public void A_gap_left_by_a_lost_write_is_zeros()
    {
        using (var file = _folder.Create("a"))
        {
            file.Write("one"u8);
            file.Write("two"u8);
        }

        _volume.PowerCut(PowerCutChoice.Subset(0b101));
        Assert.Equal("\0\0\0two", Read("a"));
    }

    [Fact]
    public void A_stream_from_before_is_dead()
    {
        using var file = _folder.Create("a");
        _volume.PowerCut(PowerCutChoice.KeepAll);
        Assert.Throws<PowerCutException>(() => file.Write("x"u8));
    }

    [Fact]
    public async Task After_a_failed_flush_data_can_be_read_but_is_never_durable()
    {
        Write("a", "text");
        _volume.FailFlush(PowerCutChoice.KeepNothing);
        await Assert.ThrowsAsync<FlushFailedException>(async () => await _folder.FlushAsync(Cancellation));
        await _folder.FlushAsync(Cancellation);
        Assert.Equal("text", Read("a"));
        _volume.PowerCut(PowerCutChoice.KeepAll);
        Assert.Equal("", Read("a"));
    }

    [Fact]
    public async Task A_full_volume_takes_what_fits()
    {
        _volume.CapacityBytes = 6;
        Assert.Throws<StorageFullException>(() => Write("a", "0123456789"));
        Assert.Equal("012345", Read("a"));
        Assert.Equal(0, _folder.FreeBytes());
        _folder.Delete("a");
        Write("b", "012345");
        await _folder.FlushAsync(Cancellation);
    }

    [Fact]
    public void A_read_only_volume_is_read_and_not_changed()
    {
        Write("a", "text");
        _volume.IsReadOnly = true;
        Assert.Equal("text", Read("a"));
        Assert.Throws<StorageUnavailableException>(() => Write("b", ""));
        Assert.Throws<StorageUnavailableException>(() => _folder.Delete("a"));
    }

    [Fact]
    public void A_volume_that_is_gone_answers_nothing()
    {
        Write("a", "text");
        _volume.IsGone = true;
        Assert.Throws<StorageUnavailableException>(() => _folder.Find("a"));
        Assert.Throws<StorageUnavailableException>(() => _folder.List("").ToList());
        Assert.Equal(WriterProbe.Unknown, _folder.ProbeWriter("a"));
        _volume.IsGone = false;
        Assert.Equal("text", Read("a"));
    }

    /// <summary>Whatever is done before and after, and whatever the power cut picks: files flushed and untouched since are as they were.</summary>
    [Fact]
    public void Flushed_and_untouched_files_are_never_lost() =>
        Gen.Select(Gen.Int[0, 99].Array[0, 25], Gen.Int[0, 99].Array[0, 25], Gen.Int).Sample((before, after, seed) =>
        {
            var volume = new MemoryVolume();
            var folder = volume.FolderAt("");
            folder.CreateFolder("kept");
            Write(folder, "kept/file", "kept");
            foreach (int step in before)
                Step(folder, step);
            folder.FlushAsync(Cancellation).AsTask().GetAwaiter().GetResult();
            var flushed = Content(folder);
            var touched = after.SelectMany(step => Step(folder, step)).ToHashSet();

            volume.PowerCut(PowerCutChoice.Random(seed));
            var left = Content(folder);
            return flushed.Where(file => !touched.Any(path => IsAtOrBelow(file.Key, path)))
                .All(file => left.GetValueOrDefault(file.Key) == file.Value);
        });

    /// <summary>A rename is whole or not at all, so a flushed file that was only renamed has exactly one of its names.</summary>
    [Fact]
    public void A_flushed_file_that_was_only_renamed_has_one_name_and_all_its_bytes() =>
        Gen.Select(Gen.Int[0, 3].Array[1, 12], Gen.Int).Sample((targets, seed) =>
        {
            var volume = new MemoryVolume();
            var folder = volume.FolderAt("");
            Write(folder, "name", "text");
            folder.FlushAsync(Cancellation).AsTask().GetAwaiter().GetResult();
            string at = "name";
            foreach (int target in targets.Where(target => $"{target}" != at))
            {
                folder.Move(at, $"{target}");
                at = $"{target}";
            }

            volume.PowerCut(PowerCutChoice.Random(seed));
            return Content(folder) is { Count: 1 } left && left.Values.Single() == "text";
        });

    /// <summary>Does something, if it can be done, and tells which paths it touched.</summary>
    private static string[] Step(MemoryFolder folder, int step)
    {
        string[] names = ["a", "b", "f/a", "f/b", "g/a"];
        var (one, other) = (names[step % 5], names[step / 5 % 5]);
        try
        {
            switch (step / 25)
            {
                case 0:
                    folder.CreateFolder("f");
                    Write(folder, one, $"{step}");
                    return [one];
                case 1:
                    folder.Replace(one, other);
                    return [one, other];
                case 2:
                    folder.Delete(one);
                    folder.DeleteEmptyFolder("f");
                    return [one];
                default:
                    folder.Move("f", "g");
                    return ["f", "g"];
            }
        }
        catch (StorageException)
        {
            return [one, other, "f", "g"];
        }
    }

    private static bool IsAtOrBelow(string path, string folder) => path == folder || path.StartsWith($"{folder}/", StringComparison.Ordinal);

    private static Dictionary<string, string> Content(MemoryFolder folder, string path = "") =>
        folder.List(path).SelectMany(entry => entry.Kind is EntryKind.Folder
                ? Content(folder, Join(path, entry.Name))
                : new Dictionary<string, string> { [Join(path, entry.Name)] = Read(folder, Join(path, entry.Name)) })
            .ToDictionary();

    private static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    private void Write(string path, string text) => Write(_folder, path, text);

    private static void Write(MemoryFolder folder, string path, string text)
    {
        using var file = folder.Create(path);
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    private string Read(string path) => Read(_folder, path);

    private static string Read(MemoryFolder folder, string path)
    {
        using var text = new StreamReader(folder.OpenRead(path));
        return text.ReadToEnd();
    }
}
