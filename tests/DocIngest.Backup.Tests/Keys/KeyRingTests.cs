using System.Text.Json.Nodes;
using DocIngest.Backup.Crypto;
using DocIngest.Backup.Keys;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Keys;

public sealed class KeyRingTests
{
    private static readonly ReadOnlyMemory<byte> Second = "second"u8.ToArray();

    private readonly MemoryFolder _folder = RepositoryWorld.NewFolder();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private FolderStore Store => new(_folder);

    private KeyRing Ring => new(Store);

    [Fact]
    public async Task Each_password_gives_the_same_master_key()
    {
        using var repository = await RepositoryWorld.InitAsync(_folder);
        var added = await AddAsync(repository, Second);
        using var first = (await Ring.OpenAsync(RepositoryWorld.Password, Cancellation)).Key;
        var second = await Ring.OpenAsync(Second, Cancellation);
        Assert.Equal(added, second.Id);
        Assert.Equal(Exported(first), Exported(second.Key));
        second.Key.Dispose();
    }

    [Fact]
    public void A_key_file_that_does_not_give_the_master_key_is_noticed_before_it_is_saved()
    {
        using var derived = MasterKey.Draw();
        using var master = MasterKey.Draw();
        byte[] plaintext = KeyFileCodec.WriteMasterKey(master), sealedKey = new byte[plaintext.Length + MasterKey.Overhead];
        derived.Seal(plaintext, sealedKey);
        var file = new KeyFile
        {
            Created = RepositoryWorld.Origin.Time,
            UserName = "tester",
            HostName = "test-host",
            Parameters = RepositoryWorld.Cheap,
            Salt = new byte[Scrypt.SaltBytes],
            SealedKey = sealedKey,
        };
        KeyRing.Verify(KeyFileCodec.Write(file), derived, plaintext);

        void AssertNoticed(KeyFile faulty) => Assert.Throws<UnsoundEncodingException>(() => KeyRing.Verify(KeyFileCodec.Write(faulty), derived, plaintext));
        AssertNoticed(file with { SealedKey = [.. sealedKey[..^1], (byte)(sealedKey[^1] ^ 1)] });
        AssertNoticed(file with { SealedKey = sealedKey[..^1] });
        AssertNoticed(file with { Salt = [1] });
        using var other = MasterKey.Draw();
        byte[] otherKey = KeyFileCodec.WriteMasterKey(other);
        Assert.Throws<UnsoundEncodingException>(() => KeyRing.Verify(KeyFileCodec.Write(file), derived, otherKey));
        Assert.Throws<UnsoundEncodingException>(() => KeyRing.Verify([.. "rubbish"u8], derived, plaintext));
    }

    [Fact]
    public async Task A_listing_tells_who_made_each_key()
    {
        using var repository = await RepositoryWorld.InitAsync(_folder);
        var added = await AddAsync(repository, Second);
        _folder.Write($"keys/{FileId.Of("rubbish"u8)}", [.. "rubbish"u8]);
        var listed = await Ring.ListAsync(Cancellation).ToListAsync(Cancellation);
        Assert.Equal(3, listed.Count);
        var one = Assert.Single(listed, key => key.Id == added).File!;   // not null: asserted by what follows
        Assert.Equal(("tester", "test-host", RepositoryWorld.Cheap), (one.UserName, one.HostName, one.Parameters));
        Assert.Equal(RepositoryWorld.Origin.Time, one.Created);
        Assert.Single(listed, key => key.File is null && key.Fault is DamagedRepositoryException);
    }

    [Fact]
    public async Task A_removed_password_opens_nothing()
    {
        using var repository = await RepositoryWorld.InitAsync(_folder);
        var added = await AddAsync(repository, Second);
        await Ring.RemoveAsync(added, repository.KeyId!.Value, Cancellation);   // not null: opened by password
        await Assert.ThrowsAsync<WrongPasswordException>(() => Ring.OpenAsync(Second, Cancellation));
        await Assert.ThrowsAsync<EntryNotFoundException>(() => Ring.RemoveAsync(added, repository.KeyId!.Value, Cancellation));
    }

    [Fact]
    public async Task The_key_in_use_stays()
    {
        using var repository = await RepositoryWorld.InitAsync(_folder);
        await AddAsync(repository, Second);
        await Assert.ThrowsAsync<KeyRefusedException>(() => Ring.RemoveAsync(repository.KeyId!.Value, repository.KeyId!.Value, Cancellation));
        Assert.Equal(2, _folder.Files("keys").Count);
    }

    [Fact]
    public async Task There_are_never_more_keys_than_restic_tries()
    {
        using var repository = await RepositoryWorld.InitAsync(_folder);
        for (int i = 1; i < KeyRing.MostKeys; i++)
            await AddAsync(repository, new byte[] { (byte)i });
        await Assert.ThrowsAsync<KeyRefusedException>(() => AddAsync(repository, Second));
        Assert.Equal(KeyRing.MostKeys, _folder.Files("keys").Count);
        foreach (byte i in Enumerable.Range(1, KeyRing.MostKeys - 1))
            (await Ring.OpenAsync(new[] { i }, Cancellation)).Key.Dispose();
    }

    [Fact]
    public async Task Any_bytes_are_a_password()
    {
        using var repository = await RepositoryWorld.InitAsync(_folder);
        foreach (byte[] password in new byte[][] { [], [0], [0xff, 0xfe], [.. " "u8], new byte[5000] })
        {
            await AddAsync(repository, password);
            (await Ring.OpenAsync(password, Cancellation)).Key.Dispose();
        }
    }

    [Theory]
    [InlineData("rustic-key1", "test", null)]
    [InlineData("rustic-key2", "test2", null)]
    [InlineData("rustic-key1", "test2", typeof(WrongPasswordException))]
    [InlineData("rustic-key-failing", "test", typeof(DamagedRepositoryException))]
    public async Task Keys_of_rustic_open_its_config(string key, string password, Type? expected)
    {
        _folder.Write("config", ResticFixture.Bytes("rustic-config"));
        byte[] content = ResticFixture.Bytes(key);
        _folder.Write($"keys/{FileId.Of(content)}", content);
        var error = await Record.ExceptionAsync(
            async () => (await Repository.OpenAsync(Store, System.Text.Encoding.UTF8.GetBytes(password), Cancellation)).Dispose());
        Assert.Equal(expected, error?.GetType());
    }

    [Theory]
    [InlineData("kdf", "\"argon2\"", typeof(UnsupportedRepositoryException))]
    [InlineData("kdf", null, typeof(UnsupportedRepositoryException))]
    [InlineData("salt", "\"AAAA\"", typeof(DamagedRepositoryException))]
    [InlineData("salt", "\"!\"", typeof(DamagedRepositoryException))]
    [InlineData("salt", null, typeof(DamagedRepositoryException))]
    [InlineData("N", "16777216", typeof(DamagedRepositoryException))]
    [InlineData("N", "3", typeof(DamagedRepositoryException))]
    [InlineData("N", "\"2\"", typeof(DamagedRepositoryException))]
    [InlineData("r", "0", typeof(DamagedRepositoryException))]
    [InlineData("p", "99999999999999999999", typeof(DamagedRepositoryException))]
    [InlineData("data", "\"AAAA\"", typeof(DamagedRepositoryException))]
    [InlineData("data", "7", typeof(DamagedRepositoryException))]
    [InlineData("created", "\"yesterday\"", typeof(DamagedRepositoryException))]
    [InlineData("username", null, null)]
    [InlineData("created", null, null)]
    [InlineData("comment", "{\"a\":[1,2]}", null)]
    [InlineData("N", "4", typeof(WrongPasswordException))]
    public async Task A_key_file_is_taken_where_restic_takes_it(string field, string? value, Type? expected)
    {
        using (await RepositoryWorld.InitAsync(_folder))
        {
            string path = _folder.Files("keys")[0];
            var json = JsonNode.Parse(_folder.Read(path))!.AsObject();   // not null: an object
            if (value is null)
                json.Remove(field);
            else
                json[field] = JsonNode.Parse(value);
            _folder.Delete(path);
            byte[] content = System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
            _folder.Write($"keys/{FileId.Of(content)}", content);
        }

        var error = await Record.ExceptionAsync(async () => (await Ring.OpenAsync(RepositoryWorld.Password, Cancellation)).Key.Dispose());
        Assert.Equal(expected, error?.GetType());
    }

    [Theory]
    [InlineData("""{"mac":{"k":"AAAAAAAAAAAAAAAAAAAAAA==","r":"AQEBAQEBAQEBAQEBAQEBAQ=="},"encrypt":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="}""")]   // zeros
    [InlineData("""{"mac":{"k":"AQEBAQEBAQEBAQEBAQEBAQ=="},"encrypt":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="}""")]
    [InlineData("""{"mac":null,"encrypt":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="}""")]
    [InlineData("rubbish")]
    public void A_master_key_that_is_incomplete_is_none(string json) =>
        Assert.Throws<InvalidDataException>(() => KeyFileCodec.ReadMasterKey(System.Text.Encoding.UTF8.GetBytes(json)));

    [Fact]
    public async Task Key_files_are_written_as_restic_writes_them()
    {
        using (await RepositoryWorld.InitAsync(_folder))
        {
            string text = System.Text.Encoding.UTF8.GetString(_folder.Read(_folder.Files("keys")[0]));
            Assert.Matches(
                """^\{"created":"2023-11-14T22:13:20Z","username":"tester","hostname":"test-host","kdf":"scrypt","N":2,"r":1,"p":1,"salt":"[^"]{86}==","data":"[^"]+"\}$""",
                text);
        }
    }

    [Fact]
    public async Task Parameters_that_restic_would_refuse_are_refused()
    {
        using var repository = await RepositoryWorld.InitAsync(_folder);
        await Assert.ThrowsAsync<ArgumentException>(
            () => Ring.AddAsync(repository.Key, Second, new ScryptParameters(1 << 21, 8, 1), RepositoryWorld.Origin, Cancellation));
    }

    private Task<FileId> AddAsync(Repository repository, ReadOnlyMemory<byte> password) =>
        Ring.AddAsync(repository.Key, password, RepositoryWorld.Cheap, RepositoryWorld.Origin, Cancellation);

    private static byte[] Exported(MasterKey key)
    {
        byte[] exported = new byte[MasterKey.SizeBytes];
        key.Export(exported);
        return exported;
    }
}
