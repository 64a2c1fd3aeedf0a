using CsCheck;
using System.Security.Cryptography;
using DocIngest.Backup.Crypto;

namespace DocIngest.Backup.Tests.Crypto;

/// <summary>The four vectors of Bernstein's "The Poly1305-AES message-authentication code", appendix B; r there is clamped already.</summary>
public sealed class Poly1305Tests
{
    [Theory]
    [InlineData("f3f6", "ec074c835580741701425b623235add6", "851fc40c3467ac0be05cc20404f3f700", "fb447350c4e868c52ac3275cf9d4327e", "f4c633c3044fc145f84f335cb81953de")]
    [InlineData("", "75deaa25c09f208e1dc4ce6b5cad3fbf", "a0f3080000f46400d0c7e9076c834403", "61ee09218d29b0aaed7e154a2c5509cc", "dd3fab2251f11ac759f0887129cc2ee7")]
    [InlineData(
        "663cea190ffb83d89593f3f476b6bc24d7e679107ea26adb8caf6652d0656136",
        "6acb5f61a7176dd320c5c1eb2edcdc74", "48443d0bb0d21109c89a100b5ce2c208", "ae212a55399729595dea458bc621ff0e", "0ee1c16bb73f0f4fd19881753c01cdbe")]
    [InlineData(
        "ab0812724a7f1e342742cbed374d94d136c6b8795d45b3819830f2c04491faf0990c62e48b8018b2c3e4a0fa3134cb67fa83e158c994d961c4cb21095c1bf9",
        "e1a5668a4d5b66a5f68cc5424ed5982d", "12976a08c4426d0ce8a82407c4f48207", "9ae831e743978d3a23527c7128149e3a", "5154ad0d2cb26e01274fc51148491f1b")]
    public void It_gives_the_published_tags(string message, string k, string r, string nonce, string tag)
    {
        using var aes = Aes.Create();
        aes.Key = Convert.FromHexString(k);
        byte[] pad = aes.EncryptEcb(Convert.FromHexString(nonce), PaddingMode.None);
        foreach (var mac in Kinds())
        {
            byte[] computed = new byte[16];
            using (mac)
                mac.Compute([.. Convert.FromHexString(r), .. pad], Convert.FromHexString(message), computed);
            Assert.Equal(tag, Convert.ToHexStringLower(computed));
        }
    }

    [Fact]
    public void All_kinds_agree_however_r_was_drawn() => Gen.Select(Gen.Byte.Array[32], Gen.Byte.Array[0, 5000]).Sample((key, message) =>
    {
        var tags = new HashSet<string>();
        foreach (var mac in Kinds())
        {
            using (mac)
            {
                byte[] tag = new byte[16];
                mac.Compute(key, [], tag);   // it starts over with each message
                mac.Compute(key, message, tag);
                tags.Add(Convert.ToHexString(tag));
            }
        }

        return tags.Count == 1;
    });

    /// <summary>Each that this machine can have.</summary>
    private static Poly1305[] Kinds() => LibCrypto.IsThere ? [new SodiumPoly1305(), new LibCryptoPoly1305()] : [new SodiumPoly1305()];
}
